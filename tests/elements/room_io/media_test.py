#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""roomsink and roomsrc through the real gst-rooms-server: does what is sent arrive?"""
import os
import signal
import time
import unittest

from pipelines import PATIENCE, PICTURE, TONE, Gst, Pipeline, is_red, pitch, wait_for
from processes import Relay, Server
from stand_in import StandIn, passes_on


class Media(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.end)
        self.whip, self.whep = self.server.url + "/whip/demo", self.server.url + "/whep/demo"

    def assert_connected(self, pipeline):
        self.assertTrue(wait_for(pipeline.is_connected), "not connected")
        self.assertIsNone(pipeline.error)

    def encodings(self):
        publisher = self.server.publisher()
        return publisher["publish"]["encodings"] if publisher else []

    def test_picture_and_tone_arrive(self):
        sink = f"{PICTURE} ! roomsink name=room uri={self.whip} {TONE} ! room."
        source = (f"roomsrc name=room uri={self.whep} wait-for-server=true "
                  "room. ! queue ! videoconvert ! video/x-raw,format=RGB ! appsink name=picture sync=false "
                  "room. ! queue ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,channels=1,rate=48000 "
                  "! appsink name=sound sync=false")
        with Pipeline(sink) as sending, Pipeline(source) as playing:
            self.assert_connected(sending)
            self.assert_connected(playing)
            self.assertTrue(wait_for(lambda: is_red(playing.pull("picture"))))
            for _ in range(25):
                playing.pull("sound")
            heard, level = pitch([playing.pull("sound") for _ in range(50)])
            self.assertAlmostEqual(heard, 440, delta=5)
            self.assertGreater(level, 1000)
            pads = {pad.get_name(): pad for pad in playing["room"].srcpads}
            self.assertEqual(set(pads), {"video_0", "audio_0"})
            self.assertEqual(pads["video_0"].get_property("mid"), "video1")
            self.assertTrue(pads["video_0"].get_property("track-label"))

    def test_pads_say_whom_they_show(self):
        def shown(pad):
            return pad.get_property("participant-name"), pad.get_property("label")
        source = (f"roomsrc name=room uri={self.whep} decode=false wait-for-server=true "
                  "room.video_0 ! queue ! fakesink sync=false room.audio_0 ! queue ! fakesink sync=false")
        with Pipeline(f"{PICTURE} ! roomsink name=room uri={self.whip}/Ada {TONE} ! room.") as ada, Pipeline(source) as playing:
            self.assert_connected(ada)
            picture, sound = (wait_for(lambda: playing["room"].get_static_pad(name)) for name in ("video_0", "audio_0"))
            self.assertTrue(wait_for(lambda: shown(picture) == ("Ada", "camera")), shown(picture))
            self.assertTrue(wait_for(lambda: shown(sound) == ("Ada", "microphone")), shown(sound))
            news = []
            picture.connect("notify::participant-name", lambda pad, _: news.append(shown(pad)[0]))
            with Pipeline(f"{PICTURE} ! roomsink name=room uri={self.whip}/Bob") as bob:
                self.assert_connected(bob)
                ada.stop()
                self.assertTrue(wait_for(lambda: shown(picture) == ("Bob", "camera")), shown(picture))
                self.assertIn("Bob", news)

    def test_encoded_media_pass_as_they_are(self):
        sink = (f"{PICTURE} ! x264enc tune=zerolatency bitrate=300 key-int-max=15 ! video/x-h264,profile=constrained-baseline "
                f"! roomsink name=room uri={self.whip} {TONE} ! opusenc ! room.")
        source = (f"roomsrc name=room uri={self.whep} decode=false wait-for-server=true "
                  "room.video_0 ! queue ! appsink name=picture sync=false room.audio_0 ! queue ! appsink name=sound sync=false")
        with Pipeline(sink) as sending, Pipeline(source) as playing:
            self.assert_connected(sending)
            picture, sound = playing.pull("picture"), playing.pull("sound")
            self.assertEqual(picture.get_caps().get_structure(0).get_name(), "video/x-h264")
            self.assertEqual(sound.get_caps().get_structure(0).get_name(), "audio/x-opus")
            self.assertIsNone(sending["room"].get_by_name("video_0-encoder-0"), "it was encoded again")

    def test_layers_arrive_as_layers(self):
        sink = ("videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=10/1 "
                f"! roomsink name=room simulcast=true uri={self.whip}")
        with Pipeline(sink) as sending:
            self.assert_connected(sending)
            self.assertTrue(wait_for(lambda: sum(one["packets"] > 0 for one in self.encodings()) == 3),
                            f"{self.encodings()} {sending['room'].get_property('stats').to_string()}")

    def test_the_encoder_follows_the_line(self):
        relay = Relay(self.server)
        self.addCleanup(relay.end)
        line = StandIn(passes_on(self.server, relay.stand_between))
        self.addCleanup(line.end)
        relay.say("up rate=400kbit")
        sink = ("videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=15/1 "
                f"! roomsink name=room bitrate=1500000 min-bitrate=50000 uri={line.url}/whip/demo")
        with Pipeline(sink) as sending:
            self.assert_connected(sending)
            encoder = sending["room"].get_by_name("video_0-encoder-0")
            told = wait_for(lambda: encoder.get_property("target-bitrate") < 600000 and encoder.get_property("target-bitrate"))
            self.assertTrue(told, "the encoder does not follow: " + sending["room"].get_property("stats").to_string())
            time.sleep(4)
            print(f"line 400 kbit/s: encoder at {encoder.get_property('target-bitrate') // 1000} kbit/s", flush=True)
            relay.say("up rate=unlimited")
            low = encoder.get_property("target-bitrate")
            self.assertTrue(wait_for(lambda: encoder.get_property("target-bitrate") > 1.2 * low), "it does not rise again")

    def test_a_server_that_comes_back_is_found_again(self):
        sink = f"{PICTURE} ! roomsink name=room uri={self.whip}"
        source = (f"roomsrc name=room uri={self.whep} wait-for-server=true "
                  "room. ! queue ! videoconvert ! video/x-raw,format=RGB ! appsink name=picture sync=false drop=true max-buffers=1")
        with Pipeline(sink) as sending, Pipeline(source) as playing:
            self.assert_connected(sending)
            self.assertTrue(is_red(playing.pull("picture")))
            self.server.end(signal.SIGKILL)
            begun = time.monotonic()
            lost = wait_for(lambda: sending.state() == "waiting" or sending.state() == "connecting", 60)
            noticed = time.monotonic() - begun
            self.assertTrue(lost, "the loss was not noticed")
            self.server.start(self.server.port)
            self.assertTrue(wait_for(lambda: sending.state() == "connected", 60), sending.state())
            self.assertTrue(wait_for(lambda: playing.state() == "connected", 60), playing.state())
            back = time.monotonic() - begun - noticed
            for _ in range(10):
                self.assertTrue(is_red(playing.pull("picture")))
            print(f"killed server: noticed after {noticed:.1f} s, back {back:.1f} s later", flush=True)
            sending.look()
            self.assertIsNone(sending.error)
            self.assertIn("waiting", sending.states)

    def test_the_end_of_the_inputs_is_the_end(self):
        sink = ("videotestsrc num-buffers=30 is-live=true ! video/x-raw,width=160,height=120,framerate=15/1 "
                f"! roomsink name=room uri={self.whip} audiotestsrc num-buffers=100 is-live=true ! room.")
        with Pipeline(sink) as sending:
            self.assertEqual(sending.look(PATIENCE), Gst.MessageType.EOS)
            self.assertTrue(self.server.publisher())
            self.assertLess(sending.stop(), 3)
            self.assertFalse(self.server.publisher(), "the resource was not ended")

    def test_fifty_rounds_leave_nothing(self):
        def held():
            return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

        def round_trip():
            with Pipeline(f"{PICTURE} ! roomsink name=room uri={self.whip} {TONE} ! room.") as sending:
                self.assert_connected(sending)
        for _ in range(3):
            round_trip()
        before = held()
        for _ in range(50):
            round_trip()
        self.assertTrue(wait_for(lambda: all(now <= then for now, then in zip(held(), before)), 10),
                        f"{before} became {held()}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
