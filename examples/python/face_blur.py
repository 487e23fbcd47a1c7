#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A room in which nobody is shown as they are: every camera comes in as it is, is blurred, and goes out as another participant.

    face_blur.py [SECONDS]

With gstreamer1.0-opencv faces are blurred where they are (faceblur); without it the whole picture is, by making it small.
"""
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

Gst.init(None)
BLUR = ("faceblur" if Gst.ElementFactory.find("faceblur")
        else "videoscale ! video/x-raw,width=32,height=18 ! videoscale ! video/x-raw,width=640,height=360")
DECODERS = {"VP8": "vp8dec", "VP9": "vp9dec", "H264": "h264parse ! avdec_h264"}
pipeline = Gst.parse_launch("""
    roombin name=room udp-port=0 participant=ada
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! vp8enc deadline=1 cpu-used=8 ! room.sink_0""")
room = pipeline.get_by_name("room")
shown = []
blurring = []  # pipelines beside it: a way out of roombin and in again would be a loop


def blur(track, participant, codec):
    out = Gst.ElementFactory.make("proxysink")
    back = Gst.ElementFactory.make("proxysrc")
    beside = Gst.parse_launch(
        f"proxysrc name=in ! queue ! {DECODERS[codec]} ! videoconvert ! {BLUR} ! videoconvert "
        "! identity name=blurred signal-handoffs=true ! queue ! vp8enc deadline=1 cpu-used=8 target-bitrate=600000 ! proxysink name=out")
    beside.get_by_name("in").set_property("proxysink", out)
    back.set_property("proxysink", beside.get_by_name("out"))
    beside.get_by_name("blurred").connect("handoff", lambda *_: shown.append(participant))
    # One clock and one origin: what was in sync stays in sync.
    beside.use_clock(pipeline.get_clock())
    beside.set_start_time(Gst.CLOCK_TIME_NONE)
    beside.set_base_time(pipeline.get_base_time())
    pad = room.emit("add-tap", track)
    if pad is None:
        sys.exit(room.get_property("last-error"))
    way_back = room.request_pad_simple("sink_%u")
    way_back.set_property("participant", f"{participant}-blurred")
    for element in (out, back):
        pipeline.add(element)
    room.get_static_pad(pad).link(out.get_static_pad("sink"))
    back.get_static_pad("src").link(way_back)
    for element in (out, back):
        element.sync_state_with_parent()
    beside.set_state(Gst.State.PLAYING)
    blurring.append(beside)


def on_track(_room, track, participant, kind, _label, codec):
    print(f"{participant} sends {track} ({codec})", flush=True)
    if kind == "video" and not participant.endswith("-blurred") and codec in DECODERS:
        blur(track, participant, codec)


room.connect("track-added", on_track)
loop = GLib.MainLoop()
pipeline.get_bus().add_signal_watch()
pipeline.get_bus().connect("message::error", lambda _bus, message: sys.exit(message.parse_error()[0].message))
GLib.timeout_add_seconds(int(sys.argv[1]) if len(sys.argv) > 1 else 10, loop.quit)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
people = room.get_property("stats").get_string("room")
for beside in blurring:
    beside.set_state(Gst.State.NULL)
pipeline.set_state(Gst.State.NULL)
print(f"{len(shown)} pictures were blurred")
sys.exit(0 if len(shown) > 10 and "ada-blurred/camera" in people else 1)
