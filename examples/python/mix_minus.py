#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three tones in a room: everybody hears the two others and not itself. Prints what each output's spectrum has."""
import array
import math
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

TONES = (300, 500, 800)  # Hz
RATE = 48000


def strength(samples, frequency):
    """Of one frequency, by Goertzel; 0 dB: a sine at full scale."""
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    one = two = 0.0
    for sample in samples:
        one, two = sample / 32768 + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return 10 * math.log10(max(power, 1e-12) * 4 / len(samples) ** 2)


def listen(pipeline, number, seconds):
    sink = pipeline.get_by_name(f"ear{number}")
    samples = array.array("h")
    while len(samples) < seconds * RATE:
        sample = sink.emit("pull-sample")
        if not sample:
            sys.exit("the room has ended")
        buffer = sample.get_buffer()
        samples.frombytes(buffer.extract_dup(0, buffer.get_size()))
    return samples[RATE // 5:]  # without the beginning, when not everybody was there


def main():
    Gst.init(None)
    pipeline = Gst.parse_launch("mixminus name=room " + " ".join(
        f"audiotestsrc is-live=true freq={tone} volume=0.3 ! room.sink_{number} "
        f"room.src_{number} ! audio/x-raw,format=S16LE,channels=1 ! appsink name=ear{number} sync=false"
        for number, tone in enumerate(TONES)))
    pipeline.set_state(Gst.State.PLAYING)
    wrong = 0
    for number, own in enumerate(TONES):
        heard = {tone: strength(listen(pipeline, number, 1), tone) for tone in TONES}
        print(f"{own} Hz hears " + ", ".join(f"{tone} Hz at {level:.0f} dB" for tone, level in heard.items()))
        # A click, where a busy machine came too late, is heard at all frequencies.
        quietest = min(level for tone, level in heard.items() if tone != own)
        wrong += quietest < -30 or heard[own] > quietest - 30
    pipeline.set_state(Gst.State.NULL)
    sys.exit("somebody hears the wrong tones" if wrong else 0)


if __name__ == "__main__":
    main()
