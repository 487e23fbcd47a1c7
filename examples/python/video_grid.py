#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Four people in one picture; the layout changes every second. Usage: video_grid.py [SECONDS [FILE.webm]]"""
import json
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

PEOPLE = {"Ada": "smpte", "Bob": "ball", "Grace": "colors", "Linus": "pinwheel"}
STAGE = {"background": {"color": "#102030"},
         "tiles": [{"speaker": True, "x": 0.02, "y": 0.04, "width": 0.7, "height": 0.7},
                   {"participant": "Grace", "x": 0.66, "y": 0.6, "width": 0.3, "height": 0.3, "z": 1, "alpha": 0.8},
                   {"x": 0.74, "y": 0.04, "width": 0.24, "height": 0.24},
                   {"x": 0.74, "y": 0.3, "width": 0.24, "height": 0.24}]}
LAYOUTS = ["grid", "speaker", "pip", "side-by-side", "custom"]


def main(arguments):
    Gst.init(None)
    seconds = float(arguments[0]) if arguments else 10
    sink = f'vp8enc deadline=1 ! webmmux ! filesink location="{arguments[1]}"' if arguments[1:] else "fakesink"
    pipeline = Gst.parse_launch(f"videogrid name=grid ! {sink} " + " ".join(
        f"videotestsrc is-live=true pattern={pattern} ! video/x-raw,width=640,height=360 ! grid.sink_{number}"
        for number, pattern in enumerate(PEOPLE.values())))
    grid = pipeline.get_by_name("grid")
    grid.set_property("layout-json", json.dumps(STAGE))
    for pad, name in zip(grid.sinkpads, PEOPLE):
        pad.set_property("caption", name)
        pad.connect("notify::tile-height", lambda pad, _property: print(
            f"{pad.get_property('caption')} is {pad.get_property('tile-width')}x{pad.get_property('tile-height')}"))
    loop = GLib.MainLoop()
    turns = iter(range(1, 1000))

    def next_layout():
        turn = next(turns)
        print(f"-- {LAYOUTS[turn % len(LAYOUTS)]}", flush=True)
        grid.set_property("speaker", f"sink_{turn % len(PEOPLE)}")
        Gst.util_set_object_arg(grid, "layout", LAYOUTS[turn % len(LAYOUTS)])
        return True

    def on_message(_bus, message):
        if message.type == Gst.MessageType.ERROR:
            sys.exit(message.parse_error().gerror.message)
        if message.type == Gst.MessageType.EOS:
            loop.quit()
    pipeline.get_bus().add_signal_watch()
    pipeline.get_bus().connect("message", on_message)
    pipeline.set_state(Gst.State.PLAYING)
    GLib.timeout_add(1000, next_layout)
    GLib.timeout_add(int(seconds * 1000), lambda: pipeline.send_event(Gst.Event.new_eos()) and False)
    loop.run()
    print(grid.get_property("stats").get_value("frames"), "frames")
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main(sys.argv[1:])
