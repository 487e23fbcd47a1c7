# SPDX-License-Identifier: LGPL-2.1-or-later
"""mix_control.py URL BEATS: a flash with a beep each second into a room by roomsink, and what a player that decodes the mix of the
room makes of it: by how much its sound is later than its picture, and when it first sees or hears what was asked of the mix.
Prints {"beats", "late", "late_most", "layout", "layout_done", "volume"}: ms, medians but for late_most."""

import array
import json
import math
import statistics
import sys
import threading
import time
import urllib.request

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

WIDTH, HEIGHT, RATE = 320, 240, 25
SAMPLES = 480  # 10 ms
LOUD = 3000
TURNS = 10
BEEP = array.array("h", (int(20000 * math.sin(2 * math.pi * 1000 * n / 48000)) for n in range(SAMPLES))).tobytes()
STILL = bytes(2 * SAMPLES)


class Person:
    """Grey, with a sound all the time; or black, white and a beep for the first fifth of every second of its own time."""

    def __init__(self, url, name, beats):
        self.beats = beats
        self.pipeline = Gst.parse_launch(
            f"appsrc name=camera is-live=true format=time caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},"
            f"framerate={RATE}/1 ! vp8enc deadline=1 cpu-used=8 target-bitrate=600000 keyframe-max-dist=250 ! "
            f"roomsink name=room uri={url}/whip/control/{name} appsrc name=microphone is-live=true format=time "
            "caps=audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved ! opusenc frame-size=20 ! room.")
        self.camera, self.microphone = (self.pipeline.get_by_name(part) for part in ("camera", "microphone"))
        self.runs = True
        self.pipeline.set_state(Gst.State.PLAYING)
        self.thread = threading.Thread(target=self.go, daemon=True)
        self.thread.start()

    def go(self):
        chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
        pictures = {light: bytes([light]) * (WIDTH * HEIGHT) + chroma for light in (16, 128, 235)}
        began, block = time.monotonic(), 0
        while self.runs:
            at = block * 10  # ms
            beat = at % 1000 < 200
            self.push(self.microphone, BEEP if beat or not self.beats else STILL, at, 10)
            if at % (1000 // RATE) == 0:
                self.push(self.camera, pictures[(235 if beat else 16) if self.beats else 128], at, 1000 // RATE)
            block += 1
            time.sleep(max(0, began + block / 100 - time.monotonic()))

    @staticmethod
    def push(source, data, at, lasts):
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts, buffer.duration = at * Gst.MSECOND, lasts * Gst.MSECOND
        source.emit("push-buffer", buffer)

    def end(self):
        self.runs = False
        self.thread.join()
        self.pipeline.set_state(Gst.State.NULL)


class Player:
    """Light near the left and the right edge, and loudness, with the running time and the moment they came."""

    def __init__(self, url):
        self.pictures, self.blocks = [], []
        self.pipeline = Gst.parse_launch(
            f"roomsrc name=room uri={url}/whep/control/mix room. ! video/x-raw ! videoconvert ! video/x-raw,format=I420 ! "
            "appsink name=eye emit-signals=true sync=false room. ! audio/x-raw ! audioconvert ! audioresample ! "
            "audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=ear emit-signals=true sync=false")
        self.pipeline.get_by_name("eye").connect("new-sample", self.look)
        self.pipeline.get_by_name("ear").connect("new-sample", self.listen)
        self.pipeline.set_state(Gst.State.PLAYING)

    @staticmethod
    def take(sink):
        now, sample = time.monotonic(), sink.emit("pull-sample")
        buffer = sample.get_buffer()
        running = sample.get_segment().to_running_time(Gst.Format.TIME, buffer.pts) / Gst.MSECOND
        good, view = buffer.map(Gst.MapFlags.READ)
        return now, running, sample, buffer, view if good else None

    def look(self, sink):
        now, running, sample, buffer, view = self.take(sink)
        if view:
            form = sample.get_caps().get_structure(0)
            width, height = form.get_int("width")[1], form.get_int("height")[1]
            row = width * (height // 2)
            self.pictures.append((now, running, view.data[row + width // 20], view.data[row + 19 * width // 20]))
            buffer.unmap(view)
        return Gst.FlowReturn.OK

    def listen(self, sink):
        now, running, _, buffer, view = self.take(sink)
        if view:
            samples = memoryview(view.data).cast("h")
            loud = next((i for i, sample in enumerate(samples) if abs(sample) > LOUD), None)
            self.blocks.append((now, running, None if loud is None else running + loud / 48))
            buffer.unmap(view)
        return Gst.FlowReturn.OK

    def flashes(self):
        """Running times at which the left half turned white."""
        return [after[1] for before, after in zip(self.pictures, self.pictures[1:]) if before[2] < 180 <= after[2]]

    def beeps(self):
        begun, quiet_since = [], None
        for _, running, loud in self.blocks:
            if loud is None:
                quiet_since = running if quiet_since is None else quiet_since
            else:
                if quiet_since is not None and running - quiet_since > 300:
                    begun.append(loud)
                quiet_since = None
        return begun


def ask(url, change):
    request = urllib.request.Request(f"{url}/api/rooms/control", json.dumps(change).encode(),
                                     {"Content-Type": "application/json"}, method="PATCH")
    began = time.monotonic()
    urllib.request.urlopen(request, timeout=10).close()
    return began


def columns(*names):
    return {"layout": {"tiles": [{"participant": name, "x": n / 2, "y": 0, "width": 0.5, "height": 1, "caption": False}
                                 for n, name in enumerate(names)]}}


def after(seen, since, holds):
    """ms until the first of what was seen since then for which something holds."""
    return next(((one[0] - since) * 1000 for one in seen if one[0] > since and holds(one)), None)


def layout_change(player, url):
    """The grey half goes from right to left and back: its first move, and its place at the end."""
    first, last = [], []
    for turn in range(TURNS):
        grey = 2 + turn % 2  # of the picture's fields: where it will be
        since = ask(url, columns(*(("grey", "beats") if turn % 2 == 0 else ("beats", "grey"))))
        time.sleep(1.2)
        seen = list(player.pictures)
        settled = lambda one: 110 < one[grey] < 150  # noqa: E731
        is_moving = lambda one: not 110 < one[5 - grey] < 150  # noqa: E731
        first.append(after(seen, since, is_moving))
        last.append(after(seen, since, settled))
    return first, last


def sound_change(player, url, change, back):
    took = []
    for _ in range(TURNS):
        since = ask(url, change)
        time.sleep(0.8)
        took.append(after(list(player.blocks), since, lambda one: one[2] is None))
        ask(url, back)
        time.sleep(0.8)
    return took


def median(values, of):
    values = [value for value in values if value is not None]
    if len(values) < TURNS / 2:
        sys.exit(f"of {TURNS} changes of {of} only {len(values)} were seen")
    return round(statistics.median(values))


def main():
    url, beats = sys.argv[1], int(sys.argv[2])
    Gst.init(None)
    beating = Person(url, "beats", True)
    time.sleep(2)
    player = Player(url)
    time.sleep(3 + beats)
    flashes, beeps = player.flashes()[2:], player.beeps()[2:]
    late = [beep - flash for flash in flashes for beep in beeps if abs(beep - flash) < 400]
    if len(late) < beats / 2:
        sys.exit(f"{len(flashes)} flashes and {len(beeps)} beeps came, {len(late)} together")
    grey = Person(url, "grey", False)
    time.sleep(2)
    ask(url, columns("beats", "grey"))
    time.sleep(2)
    first, last = layout_change(player, url)
    ask(url, {"mix": {"beats": False}})
    time.sleep(1)
    volume = sound_change(player, url, {"volume": {"grey": 0}}, {"volume": {"grey": 1}})
    told = {"beats": len(late), "late": round(statistics.median(late)), "late_most": round(max(late, key=abs)),
            "layout": median(first, "the layout"), "layout_done": median(last, "the layout"),
            "volume": median(volume, "the volume")}
    for person in (grey, beating):
        person.end()
    player.pipeline.set_state(Gst.State.NULL)
    print(json.dumps(told))


main()
