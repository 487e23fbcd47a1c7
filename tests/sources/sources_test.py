#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams into a room of the real server, from a real RTSP camera and a file; seen by a WHEP player."""
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

from source_room import Process, SourceRoom, wait_for

CAMERA = str(pathlib.Path(__file__).with_name("rtsp_camera.py"))


class SourcesTest(SourceRoom):
    server_options = ["--source-schemes", "rtsp,srt,http,file", "--max-sources", "3"]

    def camera(self, *options):
        camera = Process([CAMERA, *options], r"rtsp://\S+")
        self.addCleanup(camera.kill)
        return camera

    def start(self, uri, **more):
        status, source = self.ask("POST", body={"uri": uri, **more})
        self.assertEqual(status, 201, source)
        return source["id"]

    def test_a_camera_is_passed_on_over_udp_and_comes_back_after_it_was_away(self):
        camera = self.camera("--user", "joe:s3cret", "--transport", "udp")
        source = self.start(camera.address.replace("//", "//joe:s3cret@"), name="Door")
        info = self.reaches(source, "live")
        self.assertEqual(info["participant"], "door")
        self.assertNotIn("s3cret", json.dumps(info))
        self.assertEqual(self.tracks(info), {"video": ("video/x-h264", "H264", False), "audio": ("audio/x-opus", "opus", False)})
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
            port = camera.address.split(":")[-1].split("/")[0]
            camera.kill()
            info = self.reaches(source, "away")
            self.assertEqual((info["participant"], info["connectionsLost"]), ("door", 1))
            self.assertTrue(info["reason"])
            self.assertNotIn("s3cret", info["reason"])
            self.camera("--user", "joe:s3cret", "--port", port, "--transport", "tcp", "--size", "160x120")
            self.reaches(source, "live")
            picture = lambda: viewer.pull("pictures").get_caps().get_structure(0).get_int("width")[1]  # noqa: E731
            self.assertTrue(wait_for(lambda: picture() == 160), "no picture of the new size")
            self.expect_seen_and_heard(viewer)
        self.assertEqual(self.ask("DELETE", f"/{source}")[1]["state"], "ended")
        self.assertEqual(self.ask("GET", f"/{source}")[0], 404)

    def test_what_browsers_do_not_take_is_encoded(self):
        camera = self.camera("--video", "h264-reordered", "--audio", "pcmu")
        source = self.start(camera.address, transport="tcp")
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
        tracks = self.tracks(self.reaches(source, "live"))
        self.assertEqual(tracks["video"], ("video/x-h264", "H264", True))
        self.assertEqual(tracks["audio"][1:], ("opus", True))

    def test_a_file_is_played_in_its_own_time_and_ends(self):
        with tempfile.NamedTemporaryFile(suffix=".mkv") as file:
            subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "color=red:size=320x240:rate=15", "-f", "lavfi",
                            "-i", "sine=frequency=440:sample_rate=48000", "-t", "4", "-c:v", "libx264", "-bf", "0", "-g", "15",
                            "-pix_fmt", "yuv420p", "-c:a", "aac", file.name], check=True)
            once = self.start(f"file://{file.name}", name="once")
            begun = time.monotonic()
            info = self.reaches(once, "live")
            self.assertEqual(self.tracks(info)["video"], ("video/x-h264", "H264", False))
            self.reaches(once, "ended")
            lasted = time.monotonic() - begun
            print(f"4 s of film took {lasted:.1f} s")
            self.assertGreater(lasted, 2.5)
            again = self.start(f"file://{file.name}", name="again", loop=True)
            self.reaches(again, "live")
            packets = lambda: sum(track["packets"] for track in self.ask("GET", f"/{again}")[1]["tracks"])  # noqa: E731
            self.assertTrue(wait_for(lambda: packets() > 350), "it does not begin anew")
            with self.viewer() as viewer:
                self.expect_seen_and_heard(viewer)
            self.ask("DELETE", f"/{again}")

    def test_a_file_goes_on_when_picture_and_sound_are_encoded_anew(self):
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "color=red:size=320x240:rate=25", "-f", "lavfi",
                            "-i", "sine=frequency=440:sample_rate=48000", "-t", "30", "-c:v", "libx264", "-bf", "2", "-g", "50",
                            "-pix_fmt", "yuv420p", "-c:a", "aac", file.name], check=True)
            source = self.start(f"file://{file.name}")
            self.reaches(source, "live")
            packets = lambda: {track["kind"]: track["packets"] for track in self.ask("GET", f"/{source}")[1]["tracks"]}  # noqa: E731
            self.assertTrue(wait_for(lambda: len(packets()) == 2 and packets()["video"] > 75 and packets()["audio"] > 150), packets())
            with self.viewer() as viewer:
                self.expect_seen_and_heard(viewer)
            self.ask("DELETE", f"/{source}")

    def test_a_stream_is_called_by_srt_and_called_again(self):
        def free_port():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.bind(("127.0.0.1", 0))
                return one.getsockname()[1]
        port, other_port = free_port(), free_port()
        source = self.start(f"srt://127.0.0.1:{port}?streamid=stage&passphrase=correct-horse&latency=80", name="Stage")
        info = self.ask("GET", f"/{source}")[1]
        self.assertEqual(info["uri"], f"srt://127.0.0.1:{port}?streamid=***&passphrase=***&latency=***")

        def listener(port, word):  # of one caller, and of those whom it refuses
            encoder = subprocess.Popen(
                ["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "color=red:size=320x240:rate=15", "-f", "lavfi",
                 "-i", "sine=frequency=440:sample_rate=48000", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "15",
                 "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "mpegts", f"srt://127.0.0.1:{port}?mode=listener&passphrase={word}"],
                stderr=subprocess.DEVNULL)
            self.addCleanup(lambda: (encoder.kill(), encoder.wait()))
            return encoder
        encoder = listener(port, "correct-horse")
        listener(other_port, "correct-horse")
        wrong = self.start(f"srt://127.0.0.1:{other_port}?passphrase=wrong-horse", name="wrong")
        self.assertIn("passphrase", self.reaches(wrong, "failed")["reason"])
        self.assertEqual(self.tracks(self.reaches(source, "live")),
                         {"video": ("video/x-h264", "H264", False), "audio": ("audio/mpeg", "opus", True)})
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
            encoder.kill()
            self.reaches(source, "away")
            listener(port, "correct-horse")
            self.reaches(source, "live")
            self.expect_seen_and_heard(viewer)

    def test_sources_that_come_and_go_leave_nothing_behind(self):
        camera = self.camera()
        self.start("rtsp://127.0.0.1:9/door", name="keeps the room open")
        process = f"/proc/{self.server.process.pid}"

        def used():
            return len(os.listdir(f"{process}/task")), len(os.listdir(f"{process}/fd"))

        def come_and_go(times):
            for turn in range(times):
                source = self.start(camera.address)
                if turn % 2:
                    self.reaches(source, "live")
                self.assertEqual(self.ask("DELETE", f"/{source}")[0], 200)
        come_and_go(2)
        time.sleep(1)
        threads, descriptors = used()
        come_and_go(8)
        # The pool of GLib and the retries of the other source come and go by themselves.
        self.assertTrue(wait_for(lambda: used()[0] <= threads + 2 and used()[1] <= descriptors + 3), f"{used()} > {threads, descriptors}")
        # The room closes while one is live; so does the server, in setUp's clean-up.
        for _ in range(2):
            self.reaches(self.start(camera.address), "live")
            urllib.request.urlopen(urllib.request.Request(f"{self.server.address}/api/rooms/demo", method="DELETE"), timeout=10)
            self.assertEqual(self.ask("GET")[1]["code"], "room-unknown")
        self.reaches(self.start(camera.address), "live")
        self.assertEqual(self.server.end(), 0)

    def test_what_is_wrong_is_told(self):
        camera = self.camera("--user", "joe:s3cret")
        info = self.reaches(self.start(camera.address.replace("//", "//joe:wr0ng@")), "failed")
        self.assertIn("password", info["reason"])
        self.assertNotIn("wr0ng", json.dumps(info))
        self.assertIsNone(info["participant"])

        def reason_of(uri):
            source = self.start(uri)
            info = wait_for(lambda: (info := self.ask("GET", f"/{source}")[1])["reason"] and info)
            self.assertTrue(info, "no reason is told")
            self.ask("DELETE", f"/{source}")
            return info["state"], info["reason"]
        address = camera.address.replace("//", "//joe:s3cret@")
        state, reason = reason_of(address.replace("/door", "/window"))
        self.assertEqual(state, "connecting")
        self.assertIn("no such stream", reason)
        self.assertIn("cannot be reached", reason_of("rtsp://127.0.0.1:9/door")[1])
        self.assertIn("no such stream", reason_of("file:///nowhere/film.mkv")[1])
        self.assertIn("neither pictures nor sound", reason_of("file:///etc/hostname")[1])

    def test_bad_requests_are_told_what_would_be_right(self):
        def code(body, content_type="application/json"):
            status, answer = self.ask("POST", body=body, content_type=content_type)
            return status, answer["code"]
        self.assertEqual(code({"uri": "gopher://127.0.0.1/1"}), (403, "source-scheme"))
        self.assertEqual(code({"uri": "https://127.0.0.1/film.mp4"}), (403, "source-scheme"))
        self.assertEqual(code({"uri": "door"}), (400, "source-uri"))
        self.assertEqual(code({"name": "Door"}), (400, "missing-field"))
        self.assertEqual(code({"uri": "rtsp://127.0.0.1:9/a", "transport": "mail"}), (400, "bad-field"))
        self.assertEqual(code({"uri": "rtsp://127.0.0.1:9/a"}, "text/plain")[0], 415)
        for _ in range(3):
            self.start("rtsp://127.0.0.1:9/a")
        self.assertEqual(code({"uri": "rtsp://127.0.0.1:9/a"}), (409, "too-many-sources"))
        self.assertEqual(len(self.ask("GET")[1]["sources"]), 3)
        self.assertEqual(self.ask("DELETE", "/17"), (404, self.ask("GET", "/17")[1]))
        self.assertEqual(self.ask("PUT", "/1")[0], 405)


if __name__ == "__main__":
    unittest.main(verbosity=2)
