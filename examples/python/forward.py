#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two cameras, two receivers: sfurouter forwards, the receivers change what they see, the statistics tell about it."""
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

LAUNCH = """
    sfurouter name=router sink_0::track=ball sink_1::track=snow src_0::track=ball src_1::track=snow
    videotestsrc is-live=true pattern=ball ! vp8enc deadline=1 ! rtpvp8pay ! router.sink_0
    videotestsrc is-live=true pattern=snow ! vp8enc deadline=1 ! rtpvp8pay ! router.sink_1
    router.src_0 ! rtpvp8depay ! vp8dec ! fakesink
    router.src_1 ! rtpvp8depay ! vp8dec ! fakesink
"""


def main(seconds):
    Gst.init(None)
    pipeline = Gst.parse_launch(LAUNCH)
    router = pipeline.get_by_name("router")
    receivers = [router.get_static_pad(name) for name in ("src_0", "src_1")]
    loop = GLib.MainLoop()

    def swap():
        tracks = [pad.get_property("track") for pad in receivers]
        for pad, track in zip(receivers, reversed(tracks)):
            print(f"{pad.get_name()} shows {track} from its next keyframe on")
            pad.set_property("track", track)
        return True

    def on_error(_bus, message):
        sys.exit(message.parse_error()[0].message)

    pipeline.get_bus().add_signal_watch()
    pipeline.get_bus().connect("message::error", on_error)
    GLib.timeout_add(seconds * 1000 // 3, swap)
    GLib.timeout_add(seconds * 1000, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()

    for pad in router.pads:
        print(f"{pad.get_name()}: {pad.get_property('stats').to_string()}")
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
