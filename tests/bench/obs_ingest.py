# SPDX-License-Identifier: LGPL-2.1-or-later
"""OBS Studio sends to a room by SRT and through nginx by RTMP, and a player watches: ./bench obs."""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import machine
import performance_doc
from machine import ADDRESS, BenchError, ends_with_parent
from mixing import say
from nginx import RTMP_PORT, Nginx
from obs_studio import ADVISED, DEFAULTS, FPS, HEIGHT, WIDTH, Display, ObsStudio, make_movie
from servers import GstRooms

TARGETS_OF_BUILD = ("server/gst-rooms-server", "elements/libgstrooms.so")
TOOLS = ["ip", "taskset", "obs", "Xvfb", "nginx", "ffmpeg"]
RTMP_IN = machine.ROOT / "examples" / "rtmp-in" / "nginx.conf"
SRT_PORT = 8890
SECRET, WORD = "change-me", "correct-horse"
GLASS = (320, 180)  # the screen that OBS films
PATIENCE = 45  # s until OBS streams and something of it is seen
WAYS = {
    "SRT": (f"srt://{ADDRESS}:{SRT_PORT}?streamid=demo/Stage&passphrase={WORD}", ""),
    "RTMP": (f"rtmp://{ADDRESS}:{RTMP_PORT}/live", "demo/Stage"),
}
SETTINGS = {"as advised above": ADVISED, "as OBS comes": DEFAULTS}


def rtmp_in():
    """The configuration of examples/rtmp-in, for the server where it is here."""
    return RTMP_IN.read_text().replace("http://127.0.0.1:8080", f"http://{ADDRESS}:{GstRooms.port}")


class Viewer:
    """A player who was there before."""

    def __init__(self, options, server, glass, seconds):
        environment = dict(os.environ, GST_PLUGIN_PATH=str(options.build / "elements"),
                           GST_REGISTRY=str(options.build / "registry.bin"))
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).with_name("obs_viewer.py")), f"{server.url}/whep/demo/stage", glass,
             str(PATIENCE), str(seconds)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=ends_with_parent)
        if not self.process.stdout.readline():
            raise BenchError(f"no player: {self.process.communicate()[1][-500:]}")

    def found(self):
        out, err = self.process.communicate(timeout=PATIENCE + 60)
        if self.process.returncode != 0:
            raise BenchError(f"the player failed: {err[-500:]}")
        return json.loads(out)


def sources(server):
    try:
        with urllib.request.urlopen(f"{server.url}/api/rooms/demo/sources", timeout=10) as answer:
            return json.load(answer)["sources"]
    except urllib.error.HTTPError:
        return []


def measure(options, way, encoder, glass, screen, movie):
    """One OBS that comes to a room where somebody waits for it."""
    folder = tempfile.mkdtemp(prefix="gst-rooms-obs-")
    flags = ("--srt-listen", f"{ADDRESS}:{SRT_PORT}", "--srt-passphrase", WORD, "--rtmp-pull-base", f"rtmp://127.0.0.1:{RTMP_PORT}",
             "--rtmp-hook-secret", SECRET)
    try:
        with GstRooms(options.build, workers=os.cpu_count(), options=flags) as server, Nginx(folder, rtmp_in()):
            viewer = Viewer(options, server, glass.name, options.duration)
            with ObsStudio(folder, screen.name, glass.name, movie, WAYS[way], encoder) as obs:
                found = viewer.found()
                tracks = {track["kind"]: track for one in sources(server) if one["participant"] for track in one["tracks"]}
            if options.logs:
                options.logs.mkdir(parents=True, exist_ok=True)
                kind = "defaults" if encoder is DEFAULTS else "advised"
                (options.logs / f"obs-{way.lower()}-{kind}.log").write_text(obs.log())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    began = obs.said("==== Streaming Start")
    if began is None or found["picture"] is None or "video" not in tracks:
        raise BenchError(f"nothing of OBS was seen by {way} within {PATIENCE} s. It said:\n{obs.log()[-3000:]}")
    return {"first": found["picture"] - began, "sound": found["sound"] and found["sound"] - began, "fps": found["fps"],
            "latency": found["latency"], "sound_late": found["sound_late"], "tracks": tracks,
            "lagged": [line.split(": ", 1)[-1] for _, line in obs.lines if "due to" in line and "frames" in line]}


def told(track):
    if not track:
        return "none"
    return f"{track['codec']} of {track['from']}" + (", encoded anew" if track["encoded"] else "")


def number(value, unit=""):
    return "none" if value is None else f"{value:.0f}{unit}"


def is_optimised(build):
    told = json.loads((build / "meson-info" / "intro-buildoptions.json").read_text())
    return next(one["value"] for one in told if one["name"] == "optimization") != "0"


def section(of, rounds, duration, optimised):
    rows = [
        [f"{way}, {name}", f"{run['first']:.1f}", number(run["sound"] and run["sound"] * 1000), told(run["tracks"].get("video")),
         told(run["tracks"].get("audio")), f"{run['fps']:.1f}",
         f"{number(run['latency']['p50'])} / {number(run['latency']['p95'])}", number(run["sound_late"])]
        for (way, name), run in rounds.items()]
    return f"""## Measured with OBS Studio, {of['date']}

gst-rooms {of['gst-rooms']}{"" if optimised else " (not optimised)"} and OBS Studio {machine.package_version('obs-studio')} on {of['processor']}, Linux {of['kernel']}, by \
`./bench obs`: {WIDTH}x{HEIGHT} at {FPS} pictures a second, x264, drawn and encoded by the processor, with nothing to help it. OBS films the
screen of another X server, which flashes every second, and plays a film; a WHEP player waits in the room before it comes. {duration} s
each.

{performance_doc.table(["", "first picture after, s", "first sound after, ms", "picture", "sound", "pictures/s",
                        "screen to player, p50 / p95, ms", "sound later than picture, ms (with what OBS adds)"], rows)}
"""


def run(options):
    machine.install(TOOLS)
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    machine.enter_namespace()
    rounds = {}
    with tempfile.TemporaryDirectory() as folder, Display(*GLASS) as glass, Display(1600, 1000) as screen:
        movie = Path(folder) / "beats.mkv"
        make_movie(movie)
        for way in [options.way] if options.way else WAYS:
            for name, encoder in SETTINGS.items():
                rounds[way, name] = found = measure(options, way, encoder, glass, screen, movie)
                say(f"{way}, {name}: {json.dumps(found)}")
    text = section(machine.describe(), rounds, options.duration, is_optimised(options.build))
    if not options.way:
        performance_doc.write_section(options.doc, "obs", text)
    print(text)
