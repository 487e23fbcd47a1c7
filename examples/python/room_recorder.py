#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records a room to one MP4: the picture and the sound of all, as they stood beside each other.

    room_recorder.py [SECONDS] [FOLDER]
"""
import pathlib
import sys
import tempfile

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

Gst.init(None)
seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="room-")
pipeline = Gst.parse_launch(f"""
    roombin name=room udp-port=0 layout=side-by-side recordings="{folder}"
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 ! vp8enc deadline=1 cpu-used=8 ! room.sink_0
    videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=25/1 ! vp8enc deadline=1 cpu-used=8 ! room.sink_1
    audiotestsrc is-live=true wave=ticks ! room.sink_2""")
room = pipeline.get_by_name("room")
for pad, name in (("sink_0", "ada"), ("sink_1", "bob"), ("sink_2", "ada")):
    room.get_static_pad(pad).set_property("participant", name)
room.connect("recording-changed", lambda _room, name, state, reason: print(name, state, reason, flush=True))
pipeline.set_state(Gst.State.PLAYING)

options = Gst.Structure.new_empty("recording")
for field, value in (("kind", "composite"), ("format", "mp4"), ("name", "meeting")):
    options.set_value(field, value)
recording = room.emit("start-recording", options)
if recording is None:
    sys.exit(room.get_property("last-error"))
loop = GLib.MainLoop()
GLib.timeout_add_seconds(seconds, loop.quit)
loop.run()
if not room.emit("stop-recording", recording):
    sys.exit(room.get_property("last-error"))
pipeline.set_state(Gst.State.NULL)
files = sorted(pathlib.Path(folder).rglob("*.mp4"))
for file in files:
    print(f"{file}: {file.stat().st_size} bytes")
sys.exit(0 if files and files[0].stat().st_size > 10000 else 1)
