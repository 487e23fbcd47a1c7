#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches a room: raw pictures and sound in Python, for whatever is to be done with them. Here they are only counted, and a
JSON object a second tells the mean colour and the loudest sample.

    room_viewer.py [SECONDS] [URI]
"""
import array
import json
import os
import sys

import gi
gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

URI = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("GST_ROOMS_URL", "http://127.0.0.1:8080") + "/whep/demo"
Gst.init(None)
pipeline = Gst.Pipeline()
pipeline.add(room := Gst.parse_launch(f"roomsrc uri={URI} video-sections=2 audio-sections=2"))
loop = GLib.MainLoop()
seen = {"frames": 0, "samples": 0, "loudest": 0, "colour": None, "tracks": []}


def on_picture(sink):
    buffer = sink.emit("pull-sample").get_buffer()
    pixels = buffer.extract_dup(0, buffer.get_size())
    seen["frames"] += 1
    seen["colour"] = [sum(pixels[i::3]) // (len(pixels) // 3) for i in range(3)]
    return Gst.FlowReturn.OK


def on_sound(sink):
    buffer = sink.emit("pull-sample").get_buffer()
    samples = array.array("h", buffer.extract_dup(0, buffer.get_size()))
    seen["samples"] += len(samples)
    seen["loudest"] = max(seen["loudest"], *map(abs, samples))
    return Gst.FlowReturn.OK


def on_pad(_room, pad):
    picture = pad.get_name().startswith("video")
    seen["tracks"].append(f"{pad.get_name()}: {pad.get_property('msid')} {pad.get_property('track-label')}")
    line = ("queue ! videoconvert ! videoscale ! video/x-raw,format=RGB,width=64,height=36" if picture
            else "queue ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,channels=1,rate=48000")
    branch = Gst.parse_bin_from_description(line + " ! appsink name=end emit-signals=true sync=false", True)
    branch.get_by_name("end").connect("new-sample", on_picture if picture else on_sound)
    pipeline.add(branch)
    branch.sync_state_with_parent()
    pad.link(branch.get_static_pad("sink"))


def on_message(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        print(f"error: {message.parse_error()[0].message}")
        loop.quit()


def show():
    print(json.dumps(seen), flush=True)
    return True


room.connect("pad-added", on_pad)
pipeline.get_bus().add_signal_watch()
pipeline.get_bus().connect("message", on_message)
GLib.timeout_add_seconds(1, show)
GLib.timeout_add_seconds(int(sys.argv[1]) if len(sys.argv) > 1 else 3600, loop.quit)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
