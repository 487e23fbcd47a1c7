#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""roomsink and roomsrc with a WHIP and WHEP server that is not ours."""
import unittest

from aiortc_server import AiortcServer
from pipelines import PICTURE, TONE, Pipeline, is_red, pitch, wait_for
from stand_in import StandIn


class Aiortc(unittest.TestCase):
    def setUp(self):
        self.peer = AiortcServer()
        self.http = StandIn(self.peer)
        self.addCleanup(self.peer.end)
        self.addCleanup(self.http.end)

    def test_takes_what_roomsink_sends(self):
        with Pipeline(f"{PICTURE} ! roomsink name=room uri={self.http.url}/whip {TONE} ! room.") as sending:
            self.assertTrue(wait_for(sending.is_connected))
            self.assertIsNone(sending.error)
            self.assertTrue(wait_for(lambda: self.peer.frames > 10 and self.peer.samples > 24000))
            red, green, blue = self.peer.colour
            self.assertTrue(red > 180 and green < 60 and blue < 60, self.peer.colour)
            self.assertGreater(self.peer.loudest, 1000)
        self.assertIn("DELETE", self.http.methods())

    def test_of_layers_it_gets_the_largest(self):
        with Pipeline(f"{PICTURE} ! roomsink name=room simulcast=true uri={self.http.url}/whip") as sending:
            self.assertTrue(wait_for(sending.is_connected))
            self.assertTrue(wait_for(lambda: self.peer.frames > 10))
            stats = sending["room"].get_property("stats")
            layers = stats.get_value("video_0")
            self.assertEqual([layers.get_value(f"layer-{i}") > 0 for i in range(3)], [False, False, True])

    def test_is_played_by_roomsrc(self):
        line = (f"roomsrc name=room uri={self.http.url}/whep "
                "room. ! queue ! videoconvert ! video/x-raw,format=RGB ! appsink name=picture sync=false "
                "room. ! queue ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,channels=1,rate=48000 "
                "! appsink name=sound sync=false")
        with Pipeline(line) as playing:
            self.assertTrue(wait_for(playing.is_connected))
            self.assertIsNone(playing.error)
            self.assertTrue(wait_for(lambda: is_red(playing.pull("picture"))))
            for _ in range(25):
                playing.pull("sound")
            heard, level = pitch([playing.pull("sound") for _ in range(50)])
            self.assertAlmostEqual(heard, 440, delta=5)
            self.assertGreater(level, 1000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
