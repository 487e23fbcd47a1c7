#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a transcriber needs: the voice of everybody in a room, each by itself, as 16 kHz samples with the name of who speaks.

    audio_tap.py [SECONDS of sound]

Put your speech recognition in the place of heard(). Here two test sounds are the people; yours come by publish (room_server.py).
"""
import sys

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import GLib, Gst, GstApp  # noqa: E402, F401

Gst.init(None)
pipeline = Gst.parse_launch("""
    roombin name=room udp-port=0
    audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=1 ! room.sink_0
    audiotestsrc is-live=true freq=300 ! audio/x-raw,rate=48000,channels=1 ! room.sink_1""")
room = pipeline.get_by_name("room")
for pad, name in (("sink_0", "ada"), ("sink_1", "bob")):
    room.get_static_pad(pad).set_property("participant", name)
samples = {}
seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10


def heard(name, pcm):
    """100 ms of signed 16 bit samples."""
    if not samples:
        GLib.timeout_add_seconds(seconds, loop.quit)
    samples[name] = samples.get(name, 0) + len(pcm) // 2


def listen(track, name):
    tap = Gst.parse_bin_from_description(
        "queue ! opusdec ! audioconvert ! audioresample ! audiobuffersplit output-buffer-duration=1/10 "
        "! audio/x-raw,format=S16LE,rate=16000,channels=1 ! appsink name=out emit-signals=true sync=false async=false", True)

    def on_sample(sink):
        buffer = sink.emit("pull-sample").get_buffer()
        heard(name, buffer.extract_dup(0, buffer.get_size()))
        return Gst.FlowReturn.OK

    tap.get_by_name("out").connect("new-sample", on_sample)
    pipeline.add(tap)
    tap.sync_state_with_parent()
    pad = room.emit("add-tap", track)
    if pad is None:
        sys.exit(room.get_property("last-error"))
    room.get_static_pad(pad).link(tap.get_static_pad("sink"))


def on_track(_room, track, participant, kind, _label, _codec):
    if kind == "audio":
        listen(track, participant)


room.connect("track-added", on_track)
loop = GLib.MainLoop()
pipeline.get_bus().add_signal_watch()
pipeline.get_bus().connect("message::error", lambda _bus, message: sys.exit(message.parse_error()[0].message))
GLib.timeout_add_seconds(seconds + 20, loop.quit)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
for name, count in sorted(samples.items()):
    print(f"{name}: {count / 16000:.1f} s")
sys.exit(0 if len(samples) == 2 and min(samples.values()) > 8000 else 1)
