#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two who take turns: activespeaker names the one who speaks. With file names, those are listened to instead."""
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402


def conversation(pipeline):
    """Each source speaks for two seconds, then the other one does."""
    sources = [pipeline.get_by_name(name) for name in ("ada", "bob")]

    def take_turns():
        for source in sources:
            source.set_property("volume", 0.3 - source.get_property("volume"))
        return True

    sources[0].set_property("volume", 0.3)
    GLib.timeout_add(2000, take_turns)


def main(arguments):
    Gst.init(None)
    seconds = float(arguments[0]) if arguments else 9
    files = arguments[1:]
    if files:
        streams = [f'filesrc location="{name}" ! decodebin ! audioconvert ! audioresample' for name in files]
    else:
        streams = [f"audiotestsrc name={name} is-live=true volume=0" for name in ("ada", "bob")]
    pipeline = Gst.parse_launch("activespeaker name=speaker " + " ".join(
        f"{stream} ! speaker.sink_{number} speaker.src_{number} ! fakesink sync=true"
        for number, stream in enumerate(streams)))
    if not files:
        conversation(pipeline)
    loop = GLib.MainLoop()

    def on_element(_bus, message):
        facts = message.get_structure()
        if facts.get_name() == "active-speaker":
            print(f"{facts['running-time'] / Gst.SECOND:5.1f} s: {facts['pad'] or 'nobody'} speaks, "
                  f"{-facts['level']} dBov")

    def on_error(_bus, message):
        sys.exit(message.parse_error()[0].message)

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::element", on_element)
    bus.connect("message::error", on_error)
    bus.connect("message::eos", lambda *_: loop.quit())
    GLib.timeout_add(int(seconds * 1000), loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    print(pipeline.get_by_name("speaker").get_property("stats").to_string())
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main(sys.argv[1:])
