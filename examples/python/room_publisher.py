#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A participant that sends, and says how it goes: what the line carries, and when the connection is lost and found again.

    room_publisher.py [SECONDS] [URI]
"""
import os
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

URI = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("GST_ROOMS_URL", "http://127.0.0.1:8080") + "/whip/demo/python"
Gst.init(None)
pipeline = Gst.parse_launch(f"""
    roomsink name=room uri={URI} simulcast=true max-bitrate=2000000
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! room.
    audiotestsrc is-live=true wave=ticks ! room.""")
room = pipeline.get_by_name("room")
loop = GLib.MainLoop()


def on_message(_bus, message):
    structure = message.get_structure()
    if message.type == Gst.MessageType.ERROR:
        print(f"error: {message.parse_error()[0].message}")
        loop.quit()
    elif structure and structure.get_name() == "room-connection":
        print(structure.get_string("state"), structure.get_string("reason"), flush=True)


def show():
    print(f"{room.get_property('estimated-bitrate') // 1000} kbit/s", flush=True)
    return True


pipeline.get_bus().add_signal_watch()
pipeline.get_bus().connect("message", on_message)
GLib.timeout_add_seconds(1, show)
GLib.timeout_add_seconds(int(sys.argv[1]) if len(sys.argv) > 1 else 3600, loop.quit)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
