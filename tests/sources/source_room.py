# SPDX-License-Identifier: LGPL-2.1-or-later
"""A room of the real server that takes in streams, and a WHEP player who sees and hears them."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "elements" / "room_io"))
from pipelines import Pipeline, is_red, pitch, wait_for  # noqa: E402

SERVER = os.environ["GST_ROOMS_SERVER"]


class Process:
    """Its first line of output tells its address."""

    def __init__(self, command, address):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.said = self.process.stdout.readline()
        found = re.search(address, self.said)
        if not found:
            raise RuntimeError(f"{command[0]} did not start")
        self.address = found.group()

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def end(self):
        self.process.terminate()
        self.process.communicate(timeout=20)
        return self.process.returncode


class SourceRoom(unittest.TestCase):
    server_options = []

    def setUp(self):
        self.server = self.serve(*self.server_options)

    def serve(self, *options):
        server = Process([SERVER, "--listen", "127.0.0.1:0", "--udp-port", "0", "--announce-ip", "127.0.0.1", "--log-level", "warning",
                          *options], r"http://[\d.]+:\d+")
        self.addCleanup(lambda: self.assertEqual(server.end(), 0))
        return server

    def ask(self, method, below="", body=None, content_type="application/json"):
        """Status and JSON."""
        request = urllib.request.Request(f"{self.server.address}/api/rooms/demo/sources{below}", method=method,
                                         data=json.dumps(body).encode() if body else None, headers={"Content-Type": content_type})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def reaches(self, source, state):
        def now():
            info = self.ask("GET", f"/{source}")[1]
            return info if info.get("state") == state else None
        info = wait_for(now, interval=0.1)
        self.assertTrue(info, f"not {state}: {self.ask('GET', '/' + source)[1]}")
        return info

    def viewer(self):
        return Pipeline(f"roomsrc name=room uri={self.server.address}/whep/demo "
                        "room.video_0 ! queue ! videoconvert ! video/x-raw,format=RGB ! appsink name=pictures max-buffers=5 drop=true "
                        "room.audio_0 ! queue ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 "
                        "! appsink name=sound max-buffers=50 drop=true")

    def expect_seen_and_heard(self, viewer):
        # Until the first keyframe, and while the camera is away, what is shown is something else.
        self.assertTrue(wait_for(lambda: (picture := viewer.pull("pictures")) and is_red(picture)), "no red picture")

        def tone():
            samples = [viewer.pull("sound") for _ in range(20)]
            return all(samples) and abs(pitch(samples)[0] - 440) < 30
        self.assertTrue(wait_for(tone), "no tone")

    def tracks(self, info):
        return {track["kind"]: (track["from"], track["codec"], track["encoded"]) for track in info["tracks"]}
