# SPDX-License-Identifier: LGPL-2.1-or-later
"""obs_viewer.py WHEP_URL DISPLAY PATIENCE SECONDS: makes the screen of an X server white for half of every second, which
OBS films on the left of its picture, and watches what a WHEP player gets: first picture and sound within PATIENCE, then
for SECONDS. Prints JSON: `ready`, as soon as it waits, and then what came."""

import ctypes
import json
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from glass import TO_EAR, TO_EYE, Ear, Eye  # noqa: E402
from glass_figures import latency, sound_lateness  # noqa: E402

SCREEN, MOVIE = (0.25, 0.25), (0.75, 0.25)  # where OBS shows them


class Screen:
    """White for the first half of every second; `made`: when it turned so."""

    def __init__(self, display):
        self.x = ctypes.CDLL("libX11.so.6")
        self.x.XOpenDisplay.restype = self.display_type = ctypes.c_void_p
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(display.encode()))
        if not self.display:
            sys.exit(f"there is no display {display}")
        self.root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        self.made = []
        self.runs = True
        self.thread = threading.Thread(target=self.flash)
        self.thread.start()

    def paint(self, colour):
        self.x.XSetWindowBackground(self.display, self.root, ctypes.c_ulong(colour))
        self.x.XClearWindow(self.display, self.root)
        self.x.XSync(self.display, 0)

    def flash(self):
        white = False
        while self.runs:
            was, white = white, time.monotonic() % 1 < 0.5
            if white != was:
                self.paint(0xFFFFFF if white else 0)
                if white:
                    self.made.append(time.monotonic())
            time.sleep(0.002)
        self.paint(0)

    def end(self):
        self.runs = False
        self.thread.join()


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def main():
    url, display, patience, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    Gst.init(None)
    pipeline = Gst.parse_launch(f"roomsrc name=room uri={url} room.video_0 ! queue ! {TO_EYE} room.audio_0 ! queue ! {TO_EAR}")
    eye, ear = Eye(pipeline, (SCREEN, MOVIE)), Ear(pipeline)
    screen = Screen(display)
    pipeline.set_state(Gst.State.PLAYING)
    connected = wait_for(lambda: pipeline.get_by_name("room").get_property("connection-state").value_nick == "connected", 20)
    if not connected:
        screen.end()
        sys.exit(f"{url} does not let us play")
    print(json.dumps({"ready": True}), flush=True)
    found = {"picture": None}
    if wait_for(lambda: eye.first, patience):
        began = time.monotonic() + 2  # what has waited for the player comes in a hurry
        time.sleep(2 + seconds)
        screen.end()  # so that the last light is known for it
        time.sleep(3)
        of = [(when, shown) for when, shown in eye.turned[0] if when > began]
        found = {"picture": eye.first, "sound": ear.first, "fps": eye.rate(began, began + seconds),
                 "latency": latency(screen.made, [when for when, _ in of]),
                 "sound_late": sound_lateness([shown for _, shown in eye.turned[1]], ear.began)}
    print(json.dumps(found), flush=True)
    screen.end()
    pipeline.set_state(Gst.State.NULL)


main()
