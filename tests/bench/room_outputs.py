# SPDX-License-Identifier: LGPL-2.1-or-later
"""What comes out of a room, and how: latency and lip sync of every output, and what a second and a third taker of its
mix cost. Parts of ./bench record."""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from glass_figures import sound_lateness
from machine import ADDRESS, LOAD_CORE, BenchError, ends_with_parent
from mixing import publishers, say, share
from nginx import RTMP_PORT, Nginx
from servers import GstRooms

RTSP = f"{ADDRESS}:8554"
RTMP = f"rtmp://{ADDRESS}:{RTMP_PORT}/live/room"
SRT_PORT = 8891
FLASHES = 8  # of each output, one a second
COPIED = 15  # s of files and of HLS
H264, AAC = "h264parse ! avdec_h264 ! EYE", "aacparse ! avdec_aac ! EAR"
WHEP = "roomsrc name=s uri={} s.video_0 ! queue ! EYE s.audio_0 ! queue ! EAR"
RTSP_PLAYER = ("rtspsrc location=rtsp://{} protocols={} latency=0 name=s s. ! application/x-rtp,media=video ! queue ! rtph264depay ! "
               + H264 + " s. ! application/x-rtp,media=audio ! queue ! decodebin ! EAR")
# Sound comes at once, and a picture with the next keyframe only.
HOLDS = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=10000000000"
MEDIA_PLAYER = f"{{}} name=s s. ! video/x-h264 ! {HOLDS} ! {H264} s. ! audio/mpeg ! {HOLDS} ! {AAC}"


def ask(server, method, path, body=None):
    request = urllib.request.Request(server.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def players(server):
    """By the name of an output the pipeline that plays it."""
    return {
        "WHEP, a participant": WHEP.format(f"{server.url}/whep/beats/camera"),
        "WHEP, the mix": WHEP.format(f"{server.url}/whep/beats/mix"),
        "RTSP, a participant": RTSP_PLAYER.format(f"{RTSP}/beats/camera", "udp"),
        "RTSP, the mix": RTSP_PLAYER.format(f"{RTSP}/beats", "tcp"),
        "RTMP push, through nginx": MEDIA_PLAYER.format(f"rtmp2src location={RTMP} ! flvdemux"),
        "SRT push": MEDIA_PLAYER.format(f"srtsrc uri=srt://{ADDRESS}:{SRT_PORT}?mode=caller latency=60 ! tsdemux"),
    }


def wait_until_live(server, room, push):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        now = ask(server, "GET", f"/api/rooms/{room}/push/{push}")
        if now["state"] == "live" or now.get("code") == "push-no-player":
            return
        time.sleep(0.1)
    raise BenchError(f"a push does not begin: {now}")


def file_lateness(path):
    """ms by which sound is later than picture in a file of such beats, as ffmpeg sees and hears it."""
    told = subprocess.run(["ffmpeg", "-nostdin", "-i", str(path), "-vf", "blackdetect=d=0.2:pix_th=0.5:pic_th=0.9", "-af",
                           "silencedetect=n=-40dB:d=0.2", "-f", "null", "-"], stderr=subprocess.PIPE, text=True, errors="replace").stderr
    lights = [float(one) for one in re.findall(r"black_end: ?([0-9.]+)", told)]
    return sound_lateness(lights, [float(one) for one in re.findall(r"silence_end: ?([0-9.]+)", told)])


def environment(options):
    return dict(os.environ, GST_PLUGIN_PATH=str(options.build / "elements"), GST_REGISTRY=str(options.build / "registry.bin"))


class Watching:
    """players.py: a camera in the room, and players that come one after another."""

    def __init__(self, options, server):
        self.wanted = players(server)
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).with_name("players.py")), server.url, str(FLASHES),
             *(f"{name}={line}" for name, line in self.wanted.items())],
            env=environment(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=ends_with_parent)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise BenchError(f"no player: {self.process.communicate()[1][-500:]}")
        return json.loads(line)

    def each(self):
        for name in self.wanted:
            self.process.stdin.write("next\n")
            self.process.stdin.flush()
            yield name, self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()


def copied(options, server, folder):
    """By output: ms by which sound is later, of files and of HLS."""
    best = ask(server, "POST", "/api/rooms/beats/recordings", {"kind": "tracks"})["id"]
    mix = ask(server, "POST", "/api/rooms/beats/recordings", {"kind": "composite"})["id"]
    live = Path(folder) / "hls.mkv"
    done = subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", f"{server.url}/hls/beats/index.m3u8", "-t", str(COPIED),
                           "-c", "copy", str(live)], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchError(f"ffmpeg plays no HLS: {done.stderr[-500:]}")
    found = {"HLS": live}
    for name, recording in (("recording of a participant", best), ("recording of the mix", mix)):
        files = ask(server, "DELETE", f"/api/rooms/beats/recordings/{recording}")["files"]
        found[f"{name} ({Path(files[0]['file']).suffix[1:]})"] = Path(folder) / "beats" / recording / files[0]["file"]
    return {name: file_lateness(path) for name, path in found.items()}


def outputs(options, folder):
    """By output {"p50", "p95", "sound_late"}: ms, None where it was not measured."""
    found = {}
    with Nginx(folder), GstRooms(options.build, workers=os.cpu_count(),
                                 options=("--recordings", folder, "--rtsp", RTSP)) as server, Watching(options, server) as watching:
        for uri in (RTMP, f"srt://{ADDRESS}:{SRT_PORT}?mode=listener&latency=60"):
            wait_until_live(server, "beats", ask(server, "POST", "/api/rooms/beats/push", {"uri": uri})["id"])
        for name, one in watching.each():
            say(f"{name}: {one}")
            found[name] = one
        for name, late in copied(options, server, folder).items():
            late = None if late is None else late + one["skew"]
            say(f"{name}: sound {late} ms later")
            found[name] = {"p50": None, "p95": None, "sound_late": late}
    return found


def hls_player(server, room):
    return subprocess.Popen(
        ["taskset", "--cpu-list", str(LOAD_CORE), "ffmpeg", "-nostdin", "-loglevel", "quiet", "-i",
         f"{server.url}/hls/{room}/index.m3u8", "-c", "copy", "-f", "null", "-"], preexec_fn=ends_with_parent)


LINGER = 2  # s that HLS is made for after the last request
CONSUMERS = ("file", "rtmp", "hls")


class Consumers:
    """Of one mix: a recording all the time, and what is added to it."""

    def __init__(self, server, room):
        self.server, self.room = server, room
        self.push = self.player = None
        ask(server, "POST", f"/api/rooms/{room}/recordings", {"kind": "composite"})

    def become(self, wanted):
        """The file alone ("file"), sent by RTMP too ("rtmp"), and played by HLS as well ("hls")."""
        if wanted == "file" and self.push:
            ask(self.server, "DELETE", f"/api/rooms/{self.room}/push/{self.push}")
            self.push = None
        if wanted != "hls":
            self.end()
        if wanted != "file" and not self.push:
            self.push = ask(self.server, "POST", f"/api/rooms/{self.room}/push", {"uri": RTMP})["id"]
            wait_until_live(self.server, self.room, self.push)
        if wanted == "hls" and not self.player:
            self.player = hls_player(self.server, self.room)
        time.sleep(7)  # the first segments; or until there are none any more
        if self.player and self.player.poll() is not None:
            raise BenchError("ffmpeg plays no HLS")

    def encoders(self):
        mixing = ask(self.server, "GET", f"/api/rooms/{self.room}")["mix"]
        return sum(one["kind"] == "video" for one in mixing["encoders"])

    def end(self):
        if self.player:
            self.player.kill()
            self.player.wait()
            self.player = None


def takers_cost(options, media, folder):
    """By turns the mix of four in a file, sent by RTMP too, and played by HLS as well: parts of a core, by round and by who takes
    it. Every other round the other way round, so that a machine that becomes slower adds to nobody."""
    rounds, encoders = [], 0
    ours = GstRooms(options.build, workers=1,
                    options=("--recordings", folder, "--hls-renditions", "off", "--hls-linger", str(LINGER)))
    with Nginx(folder), ours as server, publishers(options, media, server, 4) as cameras:
        time.sleep(4)
        cameras.check()
        consumers = Consumers(server, "mix")
        try:
            for number in range(options.rounds):
                took = {}
                for wanted in CONSUMERS if number % 2 == 0 else reversed(CONSUMERS):
                    consumers.become(wanted)
                    took[wanted], _ = share(server, options.duration)
                    encoders = max(encoders, consumers.encoders())
                say("the mix, % of a core: " + ", ".join(f"{name} {took[name] * 100:.1f}" for name in CONSUMERS))
                rounds.append(took)
        finally:
            consumers.end()
        cameras.check()
    return {"rounds": rounds, "encoders": encoders}
