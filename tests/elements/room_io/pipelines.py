# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pipelines under test, and what can be seen of them."""
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)

PICTURE = "videotestsrc is-live=true pattern=red ! video/x-raw,width=320,height=240,framerate=15/1"
TONE = "audiotestsrc is-live=true freq=440 volume=0.3"
PATIENCE = 30  # seconds; a stall, on any machine


def wait_for(condition, seconds=PATIENCE, interval=0.05):
    """Its first true value, or the last false one."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(interval)
    return value


class Pipeline:
    def __init__(self, line):
        self.pipeline = Gst.parse_launch(line)
        self.bus = self.pipeline.get_bus()
        self.states = []
        self.error = None

    def __enter__(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        begun = time.monotonic()
        self.pipeline.set_state(Gst.State.NULL)
        return time.monotonic() - begun

    def __getitem__(self, name):
        return self.pipeline.get_by_name(name)

    def look(self, seconds=0):
        """Reads the bus until an error, the end, or the time is over; the kind of message it ended with."""
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            message = self.bus.timed_pop(int(left * Gst.SECOND))
            if not message:
                return None
            if message.type == Gst.MessageType.ERROR:
                error, self.error = message.parse_error()
                self.text = error.message
                return message.type
            if message.type == Gst.MessageType.EOS:
                return message.type
            structure = message.get_structure()
            if structure and structure.get_name() == "room-connection":
                self.states.append(structure.get_string("state"))

    def state(self, name="room"):
        return self[name].get_property("connection-state").value_nick

    def is_connected(self):
        self.look()
        return self.error or self.state() == "connected"

    def pull(self, name):
        """The next sample of an appsink, or None."""
        return self[name].emit("try-pull-sample", PATIENCE * Gst.SECOND)


def sample_bytes(sample):
    buffer = sample.get_buffer()
    return buffer.extract_dup(0, buffer.get_size())


def is_red(sample):
    """The middle of a picture of format RGB."""
    data = sample_bytes(sample)
    red, green, blue = data[len(data) // 2 // 3 * 3:][:3]
    return red > 180 and green < 60 and blue < 60


def pitch(samples, rate=48000):
    """Of S16LE mono: rising zero crossings a second."""
    import array
    values = array.array("h", b"".join(sample_bytes(one) for one in samples))
    crossings = sum(a < 0 <= b for a, b in zip(values, values[1:]))
    return crossings * rate / len(values), max(values, default=0)
