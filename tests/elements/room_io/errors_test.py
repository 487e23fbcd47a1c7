#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What roomsink and roomsrc say when a server is wrong, broken, silent or elsewhere."""
import re
import subprocess
import tempfile
import time
import unittest

from pipelines import PATIENCE, PICTURE, Gst, Pipeline, wait_for
from processes import Server
from stand_in import StandIn, passes_on


def without(sdp, *beginnings):
    return "".join(line for line in sdp.splitlines(True) if not line.startswith(beginnings))


def someone_elses_certificate(sdp):
    return re.sub(r"(a=fingerprint:.*):(..)", lambda found: found.group(1) + ":" + ("00" if found.group(2) != "00" else "11"), sdp)


class Errors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def serve(self, answer, tls=None):
        stand_in = StandIn(answer, tls)
        self.addCleanup(stand_in.end)
        return stand_in

    def fails(self, uri, more="", element=PICTURE + " ! roomsink"):
        """The error: what the user reads and its code."""
        pipeline = Pipeline(f"{element} name=room uri={uri} {more}")
        with pipeline:
            self.assertEqual(pipeline.look(PATIENCE), Gst.MessageType.ERROR, pipeline.states)
            self.assertEqual(pipeline.state(), "failed")
        self.assertIn("failed", pipeline.states)
        return pipeline.text, pipeline.error.splitlines()[-1]

    def test_statuses(self):
        for status, code, word in ((400, "offer-refused", "offer"), (401, "unauthorized", "token"), (403, "forbidden", "refuses"),
                                   (404, "not-found", "path"), (405, "not-whip", "WHIP"), (406, "not-acceptable", "application/sdp"),
                                   (415, "unsupported-media-type", "application/sdp"), (500, "server-error", "failed"),
                                   (302, "redirect", "elsewhere"), (200, "unexpected-status", "201")):
            with self.subTest(status=status):
                server = self.serve(lambda _, status=status: (status, {}, b"because"))
                text, told = self.fails(server.url + "/whip/demo")
                self.assertEqual(told, code)
                self.assertIn(word, text)
                self.assertIn("because", text)

    def test_nobody_there(self):
        text, code = self.fails("http://127.0.0.1:1/whip/demo")
        self.assertEqual(code, "no-answer")
        self.assertIn("refused", text)
        _, code = self.fails("http://127.0.0.1:1/whep/demo", "! fakesink", element="roomsrc")
        self.assertEqual(code, "no-answer")

    def test_pictures_that_no_browser_decodes(self):
        pipeline = Pipeline("videotestsrc is-live=true ! video/x-raw,format=Y444 ! x264enc tune=zerolatency "
                            f"! roomsink name=room uri={self.server.url}/whip/demo")
        with pipeline:
            self.assertEqual(pipeline.look(PATIENCE), Gst.MessageType.ERROR)
        self.assertIn("high-4:4:4", pipeline.text)
        self.assertIn("format=I420", pipeline.text)

    def test_an_uri_that_is_none(self):
        for uri in ("rtmp://127.0.0.1/x", "nonsense", "http://"):
            pipeline = Pipeline(f"{PICTURE} ! roomsink name=room uri={uri}")
            self.assertEqual(pipeline.pipeline.set_state(Gst.State.PAUSED), Gst.StateChangeReturn.FAILURE)
            self.assertEqual(pipeline.look(1), Gst.MessageType.ERROR)
            self.assertIn("uri", pipeline.text)
            pipeline.stop()

    def test_tls_with_a_certificate_that_nobody_knows(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = folder + "/key.pem", folder + "/certificate.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                            "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
            server = self.serve(lambda _: (403, {}, b""), (certificate, key))
            text, code = self.fails(server.url + "/whip/demo")
            self.assertEqual(code, "tls", text)
            _, code = self.fails(server.url + "/whip/demo", "tls-strict=false")
            self.assertEqual(code, "forbidden")

    def test_silence_ends_in_time(self):
        server = self.serve(lambda _: None)
        begun = time.monotonic()
        text, code = self.fails(server.url + "/whip/demo", "timeout=1000000000")
        self.assertIn(code, ("no-answer", "timeout"))
        print(f"timeout of 1 s took {time.monotonic() - begun:.1f} s: {text}", flush=True)

    def test_stopping_does_not_wait_for_a_silent_server(self):
        server = self.serve(lambda _: None)
        with Pipeline(f"{PICTURE} ! roomsink name=room uri={server.url}/whip/demo") as pipeline:
            self.assertTrue(wait_for(lambda: "POST" in server.methods()))
            self.assertLess(pipeline.stop(), 3)

    def test_broken_answers(self):
        for code, change in (("bad-answer", lambda sdp: "hello"), ("bad-answer", lambda sdp: ""),
                             ("sdp-mismatch", lambda sdp: sdp[:sdp.index("m=")]),
                             ("sdp-mismatch", lambda sdp: sdp.replace("m=video", "m=audio")),
                             ("sdp-no-transport", lambda sdp: without(sdp, "a=fingerprint")),
                             ("sdp-no-transport", lambda sdp: without(sdp, "a=ice-ufrag")),
                             ("sdp-setup", lambda sdp: sdp.replace("a=setup:passive", "a=setup:actpass")),
                             ("codec-refused", lambda sdp: sdp.replace("VP8/90000", "VP7/90000")),
                             ("certificate", someone_elses_certificate)):
            with self.subTest(code=code):
                server = self.serve(passes_on(self.server, change))
                text, told = self.fails(server.url + "/whip/demo")
                self.assertEqual(told, code, text)

    def test_an_answer_that_is_no_sdp(self):
        server = self.serve(lambda _: (201, {"Content-Type": "text/html", "Location": "/r"}, b"<html>"))
        text, code = self.fails(server.url + "/whip/demo")
        self.assertEqual(code, "not-sdp")
        self.assertIn("text/html", text)
        self.assertTrue(wait_for(lambda: "DELETE" in server.methods()), "what was made there was not ended")

    def test_media_that_does_not_get_through(self):
        change = lambda sdp: sdp.replace(f" {self.server.udp_port} typ host", " 1 typ host")  # noqa: E731
        server = self.serve(passes_on(self.server, change))
        text, code = self.fails(server.url + "/whip/demo", "timeout=6000000000")
        self.assertIn(code, ("timeout", "ice-failed"))
        self.assertIn("reachable", text)

    def test_redirects_token_and_user_agent(self):
        def moved(_):
            return 307, {"Location": "/elsewhere/whip/demo"}, b""

        def answer(request):
            if request.path.startswith("/whip"):
                return moved(request)
            request.path = request.path.removeprefix("/elsewhere")
            return passes_on(self.server)(request)
        server = self.serve(answer)
        with Pipeline(f"{PICTURE} ! roomsink name=room uri={server.url}/whip/demo token=secret user-agent=tester") as pipeline:
            self.assertTrue(wait_for(pipeline.is_connected))
            self.assertIsNone(pipeline.error)
        posts = [headers for method, _, headers in server.seen if method == "POST"]
        self.assertEqual(len(posts), 2)
        for headers in posts:
            self.assertEqual(headers["Authorization"], "Bearer secret")
            self.assertTrue(headers["User-Agent"].startswith("tester"))
        endless = self.serve(moved)
        endless_text, code = self.fails(endless.url + "/whip/demo")
        self.assertEqual(code, "no-answer")
        self.assertIn("address", endless_text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
