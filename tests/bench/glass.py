# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a player sees and hears, and when: light that turns on in its picture, sound that begins. Times are those of
the monotonic clock, which all processes of a machine share."""

import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

LIGHT = 150  # of 255
LOUD = 4000  # of 32767
SILENCE = 0.3  # s before sound that begins
# What comes before appsinks that an Eye and an Ear look at. As soon as it is decoded, not when it is due.
TO_EYE = "videoconvert ! video/x-raw,format=I420 ! appsink name=eye emit-signals=true sync=false"
TO_EAR = ("audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 "
          "! appsink name=ear emit-signals=true sync=false")


def pull(sink):
    """Caps, presentation time in s (None: it has none) and bytes of what an appsink has."""
    sample = sink.emit("pull-sample")
    buffer = sample.get_buffer()
    time_of = None if buffer.pts == Gst.CLOCK_TIME_NONE else buffer.pts / Gst.SECOND
    return sample.get_caps().get_structure(0), time_of, buffer.extract_dup(0, buffer.get_size())


class Eye:
    """Spots of a picture, as (x, y) in parts of it. `turned` has for each when it turned white: (clock, presentation time)."""

    def __init__(self, pipeline, spots=((0.5, 0.5),)):
        self.spots = spots
        self.turned = [[] for _ in spots]
        self.was = [255 for _ in spots]  # what is white from the first picture on does not turn so
        self.first = None
        self.pictures = []
        pipeline.get_by_name("eye").connect("new-sample", self.look)

    def look(self, sink):
        now = time.monotonic()
        picture, shown, data = pull(sink)
        width, height = picture.get_int("width")[1], picture.get_int("height")[1]
        stride = (width + 3) // 4 * 4
        self.first = self.first or now
        self.pictures.append(now)
        for spot, (x, y) in enumerate(self.spots):
            light = data[stride * int(y * height) + int(x * width)]
            if light > LIGHT >= self.was[spot]:
                self.turned[spot].append((now, shown))
            self.was[spot] = light
        return Gst.FlowReturn.OK

    def rate(self, begin, end):
        """Pictures a second in between."""
        return sum(begin <= one < end for one in self.pictures) / (end - begin)


class Ear:
    """`began`: presentation times at which sound began after silence."""

    def __init__(self, pipeline):
        self.began = []
        self.first = None
        self.last = None
        pipeline.get_by_name("ear").connect("new-sample", self.listen)

    def listen(self, sink):
        now = time.monotonic()
        _, begin, data = pull(sink)
        if begin is None:
            return Gst.FlowReturn.OK
        loud = [i for i, sample in enumerate(memoryview(data).cast("h")) if abs(sample) > LOUD]
        if loud:
            self.first = self.first or now
            at = begin + loud[0] / 48000
            if self.last is not None and at - self.last > SILENCE:
                self.began.append(at)
            self.last = begin + loud[-1] / 48000
        elif self.last is None:
            self.last = begin - 1  # what begins next does so after silence
        return Gst.FlowReturn.OK
