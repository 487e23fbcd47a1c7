#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-rooms-load against a real gst-rooms-server on loopback: good runs, and bad ends."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

LOAD, SERVER, PLUGINS, REGISTRY = sys.argv[1:5]
STREAMS = 2  # Opus and video


class Server:
    def __init__(self):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [SERVER, "--listen", "127.0.0.1:0", "--udp-port", "0", "--log-level", "error"],
            stdout=self.log, stderr=self.log,
            env=dict(os.environ, GST_PLUGIN_PATH=PLUGINS, GST_REGISTRY=REGISTRY))
        self.pid = self.process.pid
        self.url = None
        end = time.monotonic() + 30
        while not self.url and time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://[\d.]+:\d+", self.text())
            self.url = found and found.group()
            time.sleep(0.05)
        if not self.url:
            raise RuntimeError("the server did not start:\n" + self.text())

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=20)
        self.log.close()


def start(*arguments):
    return subprocess.Popen([LOAD, *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(*arguments):
    process = start(*arguments)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


class GoodRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def measure(self, *arguments):
        status, out, err = run("--json", "--max-loss", "0.5", "--warmup", "1", "--duration", "3",
                               "--pid", str(self.server.pid), *arguments, self.server.url)
        self.assertEqual(status, 0, out + err)
        return json.loads(out)

    def check(self, report, connections):
        self.assertEqual(report["failed_clients"], 0)
        self.assertEqual(report["connections"], connections)
        self.assertEqual(report["bad_packets"], 0)
        self.assertGreater(report["expected_packets"], 0)
        self.assertGreater(report["latency_ms"]["p50"], 0)
        self.assertGreater(report["join_ms"]["p50"], 0)
        self.assertGreaterEqual(report["first_keyframe_ms"]["p50"], report["join_ms"]["p50"])
        self.assertGreater(report["cpu_us_per_packet"], 0)
        self.assertGreater(report["rss_mib"], 1)
        self.assertGreater(report["threads"], 1)

    def test_broadcast_to_five_without_loss(self):
        report = self.measure("--subscribers", "5")
        self.check(report, 6)
        # Opus every 20 ms and 30 frames of four packets; a busy machine sends less.
        self.assertGreater(report["forwarded_packets"], 5 * 3 * 100)
        self.assertLess(report["forwarded_packets"], 5 * 3 * 250)

    def test_two_publishers_of_h264(self):
        self.check(self.measure("--publishers", "2", "--subscribers", "2", "--codec", "h264"), 4)

    def test_simulcast(self):
        report = self.measure("--simulcast", "--subscribers", "2")
        self.check(report, 3)
        # Three layers are sent, one of them to each.
        self.assertGreater(report["sent_packets"], report["forwarded_packets"] / 2)

    def test_a_meeting_of_three_through_the_socket(self):
        report = self.measure("--rooms", "1", "--size", "3")
        self.check(report, 6)

    def test_audio_only_and_every_packet_verified(self):
        self.check_audio(self.measure("--no-video", "--verify", "1", "--subscribers", "3"))

    def check_audio(self, report):
        self.assertEqual(report["failed_clients"], 0)
        self.assertAlmostEqual(report["forwarded_packets"], report["expected_packets"], delta=12)

    def test_search_for_the_limit(self):
        status, out, err = run("--json", "--find-limit", "--subscribers", "2", "--limit-max", "4",
                               "--warmup", "0.5", "--duration", "1", self.server.url)
        self.assertEqual(status, 0, err)
        report = json.loads(out)
        self.assertEqual(report["limit"], 4)
        self.assertIn("4 subscribers", err)

    def test_the_table_for_people(self):
        status, out, err = run("--subscribers", "1", "--warmup", "0.5", "--duration", "1",
                               self.server.url)
        self.assertEqual(status, 0, err)
        self.assertIn("one-way latency", out)
        self.assertIn("measuring", err)


class BadEnds(unittest.TestCase):
    def test_nobody_there(self):
        status, out, err = run("http://127.0.0.1:1")
        self.assertEqual(status, 1)
        self.assertIn("http://127.0.0.1:1", err)
        self.assertEqual(out, "")

    def test_wrong_options(self):
        status, _, err = run("--nonsense", "http://127.0.0.1:1")
        self.assertEqual(status, 2)
        self.assertIn("--nonsense", err)

    def test_no_such_process(self):
        status, _, err = run("--pid", "4194304", "http://127.0.0.1:1")
        self.assertEqual(status, 1)
        self.assertIn("--pid", err)

    def test_a_refused_offer(self):
        server = Server()
        try:
            status, _, err = run("--room", "no/such/place", server.url)
            self.assertEqual(status, 1)
            self.assertIn("404", err)
        finally:
            server.end()

    def test_a_server_that_dies(self):
        for options in ([], ["--pid"]):
            server = Server()
            process = start("--subscribers", "2", "--duration", "60",
                            *(options + [str(server.pid)] if options else []), server.url)
            self.wait_for(process, "measuring")
            server.end(signal.SIGKILL)
            began = time.monotonic()
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 1, err)
            self.assertLess(time.monotonic() - began, 10)
            self.assertRegex(err, "ended|left")

    def test_an_interruption_leaves_nobody_behind(self):
        server = Server()
        try:
            process = start("--subscribers", "3", "--duration", "60", "--room", "left", server.url)
            self.wait_for(process, "measuring")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 130, err)
            with urllib.request.urlopen(server.url + "/api/rooms") as reply:
                rooms = json.load(reply)
            people = json.dumps(rooms)
            self.assertNotIn('"p0"', people)
        finally:
            server.end()

    def wait_for(self, process, word):
        for line in process.stderr:
            if word in line:
                return
        self.fail("it ended before " + word)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
