#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Streams that are sent to a room: SRT by ffmpeg and srt-live-transmit, RTMP by ffmpeg through nginx."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from source_room import SourceRoom, wait_for

WORD = "correct-horse"
NGINX_CONF = pathlib.Path(os.environ["GST_ROOMS_EXAMPLES"]) / "rtmp-in" / "nginx.conf"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Sender:
    """ffmpeg sends a red picture and a tone of 440 Hz."""

    def __init__(self, uri, container, *more, reordered=0, sound="aac", seconds=None, keyframes=15):
        self.process = subprocess.Popen(
            ["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "color=red:size=320x240:rate=15", "-f", "lavfi",
             "-i", "sine=frequency=440:sample_rate=48000", *(["-t", str(seconds)] if seconds else []), "-c:v", "libx264", "-preset",
             "ultrafast", "-bf", str(reordered), "-g", str(keyframes), "-pix_fmt", "yuv420p", "-c:a", sound, "-ac", "2", "-f", container, *more, uri],
            stderr=subprocess.DEVNULL)

    def end(self, kill=False):
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(timeout=20)


class IngestTest(SourceRoom):
    def sender(self, *arguments, **options):
        sender = Sender(*arguments, **options)
        self.addCleanup(lambda: sender.end(kill=True))
        return sender

    def srt(self, server, stream_id, word=None):
        port = re.search(r"SRT on udp/(\d+)", server.said).group(1)
        return f"srt://127.0.0.1:{port}?streamid={stream_id}" + (f"&passphrase={word}" if word else "")

    def sources(self):
        status, answer = self.ask("GET")
        return answer["sources"] if status == 200 else []

    def source_of(self, name):
        found = wait_for(lambda: next((one for one in self.sources() if one["name"] == name), None), interval=0.1)
        self.assertTrue(found, f"no source '{name}' of {self.sources()}")
        return found["id"]

    def counter(self, name):
        with urllib.request.urlopen(f"{self.server.address}/metrics", timeout=10) as answer:
            return int(float(re.search(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE).group(1)))


class SrtTest(IngestTest):
    server_options = ["--srt-listen", "127.0.0.1:0", "--srt-passphrase", WORD, "--max-sources", "2"]

    def test_callers_are_participants_as_long_as_they_call(self):
        first = self.sender(self.srt(self.server, "demo/First", WORD), "mpegts")
        source = self.source_of("First")
        info = self.reaches(source, "live")
        self.assertEqual(info["participant"], "first")
        self.assertIn("srt://127.0.0.1:", info["uri"])
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
            self.assertEqual(self.tracks(self.reaches(source, "live")),
                             {"video": ("video/x-h264", "H264", False), "audio": ("audio/mpeg", "opus", True)})
            # Another one of another make, with the long form of a stream id, in the same room.
            feed = free_port(socket.SOCK_DGRAM)
            self.sender(f"udp://127.0.0.1:{feed}?pkt_size=1316", "mpegts", sound="libopus")
            relay = subprocess.Popen(["srt-live-transmit", "-q", "-a:no", f"udp://127.0.0.1:{feed}",
                                      self.srt(self.server, "#!::r=demo,u=Second,m=publish", WORD)],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(lambda: (relay.kill(), relay.wait()))
            second = self.source_of("Second")
            self.assertEqual(self.tracks(self.reaches(second, "live"))["video"], ("video/x-h264", "H264", False))
            # There is room for two; who comes third is refused and does not disturb.
            third = self.sender(self.srt(self.server, "demo/Third", WORD), "mpegts")
            self.assertNotEqual(third.process.wait(timeout=30), 0)
            # One is gone as if its machine had lost power, the other stays.
            first.end(kill=True)
            begun = time.monotonic()
            self.assertIsNone(self.reaches(source, "ended")["participant"])
            print(f"a caller that was killed was gone after {time.monotonic() - begun:.1f} s")
            self.assertEqual(self.reaches(second, "live")["participant"], "second")
            # Coming again is coming anew; DELETE hangs up.
            again = self.sender(self.srt(self.server, "demo/Again", WORD), "mpegts")
            anew = self.source_of("Again")
            self.reaches(anew, "live")
            self.assertEqual(self.ask("DELETE", f"/{anew}")[0], 200)
            self.assertNotEqual(again.process.wait(timeout=30), 0)
        self.assertTrue(wait_for(lambda: self.counter("gst_rooms_srt_callers") == 1))
        self.assertEqual(self.counter("gst_rooms_srt_packets_dropped"), 0)

    def test_b_frames_are_encoded_anew_from_the_first_keyframe_on(self):
        # As an encoder in its default sends: the second keyframe comes after 20 s.
        self.sender(self.srt(self.server, "demo/Rare", WORD), "mpegts", reordered=3, keyframes=300)
        begun = time.monotonic()
        source = self.source_of("Rare")
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
            took = time.monotonic() - begun
            print(f"seen and heard after {took:.1f} s")
            self.assertLess(took, 18)
            self.assertEqual(self.tracks(self.reaches(source, "live"))["video"], ("video/x-h264", "H264", True))

    def test_who_may_not_call_is_refused_and_counted(self):
        port = int(re.search(r"SRT on udp/(\d+)", self.server.said).group(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for size in range(0, 1400, 7):
                stranger.sendto(os.urandom(size), ("127.0.0.1", port))
                stranger.sendto(b"\x80\x00" + bytes(size), ("127.0.0.1", port))
        refused = [self.sender(self.srt(self.server, stream_id, word), "mpegts")
                   for stream_id, word in [("demo", "wrong-horse"), ("demo", None), ("a+room", WORD), ("#!::r=demo,m=request", WORD),
                                           ("#!::u=cam", WORD)]]
        for sender in refused:
            self.assertNotEqual(sender.process.wait(timeout=30), 0)
        self.assertTrue(wait_for(lambda: self.counter("gst_rooms_srt_refused_passphrase") == 2))
        self.assertEqual(self.counter("gst_rooms_srt_refused_stream_id"), 3)
        self.assertEqual(self.counter("gst_rooms_srt_accepted"), 0)
        self.assertEqual(self.ask("GET")[1]["code"], "room-unknown")
        # Who may call and sends nonsense has failed, and the next one who calls is taken.
        nonsense = subprocess.Popen(["srt-live-transmit", "-q", "-a:no", "file://con", self.srt(self.server, "demo/Nonsense", WORD)],
                                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (nonsense.kill(), nonsense.communicate()))
        nonsense.stdin.write(os.urandom(1316 * 40))
        nonsense.stdin.flush()
        source = self.source_of("Nonsense")
        nonsense.terminate()
        info = self.reaches(source, "failed")
        self.assertIn("neither pictures nor sound", info["reason"])
        self.sender(self.srt(self.server, "demo/Fine", WORD), "mpegts")
        self.reaches(self.source_of("Fine"), "live")


class RtmpTest(IngestTest):
    # Also an SRT port for everybody: nothing is encrypted there.
    server_options = ["--rtmp-pull-base", "rtmp://127.0.0.1:{rtmp}", "--rtmp-hook-secret", "change-me", "--srt-listen", "127.0.0.1:0"]

    def setUp(self):
        self.rtmp = free_port()
        self.server = self.serve(*[option.format(rtmp=self.rtmp) for option in self.server_options])
        folder = tempfile.mkdtemp(prefix="gst-rooms-rtmp-")
        self.addCleanup(shutil.rmtree, folder, True)
        text = NGINX_CONF.read_text().replace("listen 1935", f"listen 127.0.0.1:{self.rtmp}")
        conf = pathlib.Path(folder) / "nginx.conf"
        conf.write_text(text.replace("http://127.0.0.1:8080", self.server.address))
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-c", str(conf), "-e", "stderr"], stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (nginx.terminate(), nginx.wait(timeout=20)))
        self.assertTrue(wait_for(lambda: listens(self.rtmp)), "nginx does not listen")

    def publish(self, key, **options):
        # As OBS does: ffmpeg takes what is before the last slash of an address for the application.
        return self.sender(f"rtmp://127.0.0.1:{self.rtmp}", "flv", "-rtmp_app", "live", "-rtmp_playpath", key, **options)

    def test_who_publishes_is_in_the_room_also_with_b_frames(self):
        publisher = self.publish("demo/Stage", reordered=2)
        source = self.source_of("Stage")
        with self.viewer() as viewer:
            self.expect_seen_and_heard(viewer)
            info = self.reaches(source, "live")
            self.assertEqual(self.tracks(info), {"video": ("video/x-h264", "H264", True), "audio": ("audio/mpeg", "opus", True)})
            self.assertEqual(info["uri"], f"rtmp://127.0.0.1:{self.rtmp}/live/***")
            publisher.end()
            self.assertTrue(wait_for(lambda: not any(one["participant"] for one in self.sources())), "it stays")
        # Without B-frames nothing is encoded; the same key again is a source of its own.
        self.publish("demo/Stage")
        self.assertTrue(wait_for(lambda: any(one["state"] == "live" for one in self.sources())))
        self.assertEqual(self.tracks(self.sources()[-1])["video"], ("video/x-h264", "H264", False))
        self.sender(self.srt(self.server, "demo/Open"), "mpegts")
        self.reaches(self.source_of("Open"), "live")

    def test_the_hook_is_for_the_server_of_the_configuration_only(self):
        def call(form, query="?secret=change-me", content_type="application/x-www-form-urlencoded"):
            request = urllib.request.Request(f"{self.server.address}/api/hooks/rtmp{query}", data=form.encode(),
                                             headers={"Content-Type": content_type})
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status
            except urllib.error.HTTPError as refusal:
                return refusal.code
        begins = "call=publish&app=live&name=demo"
        self.assertEqual(call(begins, ""), 403)
        self.assertEqual(call(begins, "?secret=change-m"), 403)
        self.assertEqual(call(begins, content_type="text/plain"), 415)
        self.assertEqual(call("call=publish&app=live@evil.example:80&name=demo"), 400)
        self.assertEqual(call("call=publish&app=live&name=a%20room"), 400)
        self.assertEqual(call("call=publish_done&app=live&name=nobody"), 204)
        self.assertEqual(self.ask("GET")[1]["code"], "room-unknown")
        # nginx refuses the publisher whom we refuse.
        self.assertNotEqual(self.publish("a room", seconds=5).process.wait(timeout=30), 0)
        # Told twice, it is one source; the end may be told before anything came.
        self.assertEqual(call(begins), 204)
        self.assertEqual(call(begins), 204)
        self.assertTrue(wait_for(lambda: len([one for one in self.sources() if one["participant"]]) == 1))
        self.assertEqual(call("call=publish_done&app=live&name=demo"), 204)
        self.assertTrue(wait_for(lambda: not any(one["participant"] for one in self.sources())))


if __name__ == "__main__":
    unittest.main(verbosity=2)
