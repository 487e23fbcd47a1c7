# SPDX-License-Identifier: LGPL-2.1-or-later
"""players.py HTTP_URL SECONDS NAME=LINE..: a camera and a microphone in the room "beats", light and tone together for half of every
second, and how late each player has what is made of them. LINE is a pipeline in which EYE and EAR end picture and sound.
Says {"ready": true} when it publishes; for each line of input the next player watches for SECONDS, and what it found is
printed: ms from before the encoder of the camera to behind the decoder of the player."""

import json
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402

from glass import TO_EAR, TO_EYE, Ear, Eye  # noqa: E402
from glass_figures import latency, sound_lateness  # noqa: E402

WIDTH, HEIGHT, RATE = 320, 240, 25
SETTLES = 3  # s, before which a player may play what had waited for it
PATIENCE = 20
DARK = 3  # s, after which what is seen is over: no output is later
CAMERA = (f"videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1 "
          "! videobalance name=light ! openh264enc complexity=low bitrate=400000 gop-size=500 ! h264parse "
          "! roomsink name=room uri={uri} "
          "audiotestsrc is-live=true freq=1000 volume=0.05 samplesperbuffer=480 ! audio/x-raw,rate=48000,channels=1 "
          "! volume name=loud ! room.")


class Camera:
    """`made`: when its light went on. `skew`: ms by which the first picture with the light is later than the tone that belongs to
    it, since it comes when the next picture is due."""

    def __init__(self, url):
        self.made = []
        self.was = 0
        self.waves = []
        self.skew = 0
        self.pipeline = Gst.parse_launch(CAMERA.replace("{uri}", f"{url}/whip/beats/camera"))
        for element, name in (("light", "brightness"), ("loud", "volume")):
            self.beat(self.pipeline.get_by_name(element), name)
        self.pipeline.get_by_name("light").get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self.film)
        self.pipeline.set_state(Gst.State.PLAYING)

    def beat(self, element, name):
        """A square wave over the whole range of a property."""
        wave = GstController.LFOControlSource(waveform=GstController.LFOWaveform.SQUARE, frequency=1.0, amplitude=0.5, offset=0.5)
        self.waves.append(wave)
        element.add_control_binding(GstController.DirectControlBinding.new(element, name, wave))

    def shine(self, beats):
        """Or stay dark and silent."""
        for wave in self.waves:
            wave.set_property("amplitude", 0.5 if beats else 0.0)
            wave.set_property("offset", 0.5 if beats else 0.0)

    def film(self, pad, info):
        light = pad.get_parent_element().get_property("brightness")
        if light > 0 >= self.was:
            self.made.append(time.monotonic())
            skew = info.get_buffer().pts % (Gst.SECOND // 2) / Gst.MSECOND
            # Where the beats begin again there is no edge of theirs.
            if skew <= 1000 / RATE:
                self.skew = skew
        self.was = light
        return Gst.PadProbeReturn.OK

    def publishes(self):
        return self.pipeline.get_by_name("room").get_property("connection-state").value_nick == "connected"


def watch(camera, line, seconds):
    """What a player of it finds."""
    pipeline = Gst.parse_launch(line.replace("EYE", TO_EYE).replace("EAR", TO_EAR))
    eye, ear = Eye(pipeline), Ear(pipeline)
    pipeline.set_state(Gst.State.PLAYING)
    end = time.monotonic() + PATIENCE
    while not eye.first and time.monotonic() < end:
        failed = pipeline.get_bus().timed_pop_filtered(20 * Gst.MSECOND, Gst.MessageType.ERROR)
        if failed:
            sys.exit(f"{line}: {failed.parse_error()}")
    time.sleep(SETTLES)
    began = time.monotonic()
    time.sleep(seconds)
    camera.shine(False)
    time.sleep(DARK)
    made = list(camera.made)
    camera.shine(True)
    pipeline.set_state(Gst.State.NULL)
    turned = [one for one in eye.turned[0] if one[0] > began]
    late = sound_lateness([shown for _, shown in turned if shown is not None], ear.began)
    return {**latency(made, [when for when, _ in turned]), "sound_late": None if late is None else late + camera.skew,
            "skew": camera.skew}


def main():
    url, seconds = sys.argv[1], float(sys.argv[2])
    Gst.init(None)
    camera = Camera(url)
    end = time.monotonic() + PATIENCE
    while not camera.publishes():
        if time.monotonic() > end:
            sys.exit(f"{url} does not let us publish")
        time.sleep(0.02)
    print(json.dumps({"ready": True}), flush=True)
    for _, (name, line) in zip(sys.stdin, (one.split("=", 1) for one in sys.argv[3:])):
        print(json.dumps({"name": name, **watch(camera, line, seconds)}), flush=True)
    camera.pipeline.set_state(Gst.State.NULL)


main()
