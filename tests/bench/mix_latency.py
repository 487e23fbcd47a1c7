# SPDX-License-Identifier: LGPL-2.1-or-later
"""mix_latency.py URL CLICKS: clicks into a room by roomsink, and when they come out of it: forwarded, and in its mix.
Prints {"clicks", "p50", "p95"}: ms that the mix adds."""

import json
import math
import sys
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

LOUD = 8000
APART = 0.5  # s; clicks come once a second


class Ear:
    """When loud sound begins, on the monotonic clock."""

    def __init__(self, pipeline, name):
        self.heard = []
        sink = pipeline.get_by_name(name)
        sink.connect("new-sample", self.listen)

    def listen(self, sink):
        now = time.monotonic()
        buffer = sink.emit("pull-sample").get_buffer()
        good, view = buffer.map(Gst.MapFlags.READ)
        if not good:
            return Gst.FlowReturn.OK
        samples = memoryview(view.data).cast("h")
        loud = next((i for i, sample in enumerate(samples) if abs(sample) > LOUD), None)
        if loud is not None:
            # It came when its block was whole.
            when = now - (len(samples) - loud) / 48000
            if not self.heard or when - self.heard[-1] > APART:
                self.heard.append(when)
        buffer.unmap(view)
        return Gst.FlowReturn.OK


def listener(url, name):
    pipeline = Gst.parse_launch(
        f"roomsrc name=room uri={url} room. ! audio/x-raw ! audioconvert ! audioresample ! "
        f"audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name={name} emit-signals=true sync=false")
    ear = Ear(pipeline, name)
    pipeline.set_state(Gst.State.PLAYING)
    return pipeline, ear


def main():
    url, clicks = sys.argv[1], int(sys.argv[2])
    Gst.init(None)
    speaker = Gst.parse_launch(
        "audiotestsrc is-live=true wave=ticks tick-interval=1000000000 sine-periods-per-tick=30 freq=1000 volume=0.9 "
        "samplesperbuffer=480 ! audio/x-raw,rate=48000,channels=1 ! "
        f"opusenc frame-size=20 ! roomsink uri={url}/whip/latency/clicks")
    speaker.set_state(Gst.State.PLAYING)
    time.sleep(3)
    forwarded, straight = listener(f"{url}/whep/latency/clicks", "straight")
    mixing, mixed = listener(f"{url}/whep/latency/mix", "mixed")
    time.sleep(5 + clicks)
    for pipeline in (forwarded, mixing, speaker):
        pipeline.set_state(Gst.State.NULL)
    added = []
    for when in mixed.heard[2:]:
        before = [other for other in straight.heard if -0.1 < when - other < 0.5]
        if before:
            added.append((when - before[-1]) * 1000)
    if len(added) < clicks / 2:
        sys.exit(f"{len(straight.heard)} clicks came straight, {len(mixed.heard)} mixed, {len(added)} of both")
    added.sort()
    at = lambda part: added[min(len(added) - 1, math.floor(len(added) * part))]  # noqa: E731
    print(json.dumps({"clicks": len(added), "p50": at(0.5), "p95": at(0.95)}))


main()
