# SPDX-License-Identifier: LGPL-2.1-or-later
"""What recording costs, what a server that is killed leaves, how late the outputs of a room are: ./bench record."""

import calendar
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import machine
import performance_doc
from machine import cpu_seconds
from mixing import Media, say
from room_outputs import COPIED, ask, outputs, takers_cost
from servers import GstRooms

TRACKS = 50
KILLED = 20
TARGETS_OF_BUILD = ("server/gst-rooms-server", "elements/libgstrooms.so", "tests/load/gst-rooms-load",
                    "tools/gst-rooms-verify")


def publish(options, server, publishers, seconds):
    """gst-rooms-load in a room that is called `bench`: cameras of 1 Mbit/s."""
    command = [str(options.build / "tests/load/gst-rooms-load"), "--publishers", str(publishers), "--subscribers", "0",
               "--room", "bench", "--no-audio", "--bitrate", "1M", "--warmup", "1", "--duration", str(seconds),
               "--quiet", server.url]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_publishers(server, room, publishers):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            rooms = ask(server, "GET", "/api/rooms")["rooms"]
        except OSError:
            rooms = []
        if sum(one["participants"] for one in rooms if one["id"] == room) >= publishers:
            return
        time.sleep(0.2)
    raise machine.BenchError("the publishers do not come")


def cost(options, folder):
    """CPU of the server, in parts of a core: by turns without and with a recording of all tracks."""
    rounds = []
    with GstRooms(options.build, workers=1, options=("--recordings", folder)) as server:
        load = publish(options, server, TRACKS, options.rounds * (2 * options.duration + 6) + 10)
        wait_for_publishers(server, "bench", TRACKS)
        time.sleep(2)

        def share():
            before, began = cpu_seconds(server.pid), time.monotonic()
            time.sleep(options.duration)
            return (cpu_seconds(server.pid) - before) / (time.monotonic() - began)

        def threads():
            return len(list(Path(f"/proc/{server.pid}/task").iterdir()))

        for _ in range(options.rounds):
            idle, before = share(), threads()
            recording = ask(server, "POST", "/api/rooms/bench/recordings", {"kind": "tracks"})
            time.sleep(2)
            busy, more = share(), threads() - before
            done = ask(server, "DELETE", f"/api/rooms/bench/recordings/{recording['id']}")
            time.sleep(2)
            say(f"{TRACKS} tracks: {idle * 100:.1f} % of a core, recorded {busy * 100:.1f}")
            rounds.append({"idle": idle, "busy": busy})
        load.send_signal(signal.SIGINT)
        load.wait()
    bits = sum(one["bytes"] * 8 for one in done["files"]) / max(one["durationMs"] for one in done["files"]) * 1000
    return {"rounds": rounds, "threads": more, "bits": bits}


def killed(options, folder):
    """Per file of a server that is killed: ms that are missing at its end, and what gst-rooms-verify says."""
    with GstRooms(options.build, workers=1, options=("--recordings", folder)) as server:
        load = publish(options, server, KILLED, 60)
        wait_for_publishers(server, "bench", KILLED)
        time.sleep(2)
        recording = ask(server, "POST", "/api/rooms/bench/recordings", {"kind": "tracks"})
        time.sleep(options.duration + 0.6)
        os.kill(server.pid, signal.SIGKILL)
        died = time.time()
        load.send_signal(signal.SIGINT)
        load.wait()
    place = Path(folder) / "bench" / recording["id"]
    report = json.loads((place / "recording.json").read_text())
    lost, wrong = [], 0
    for one in report["files"]:
        said = subprocess.run([str(options.build / "tools/gst-rooms-verify"), "--json", str(place / one["file"])],
                              stdout=subprocess.PIPE, text=True)
        verified = json.loads(said.stdout)[0]
        wrong += said.returncode != 0
        began = time.strptime(one["startedAt"][:19], "%Y-%m-%dT%H:%M:%S")
        start = calendar.timegm(began) + int(one["startedAt"][20:23]) / 1000
        lost.append((died - start) * 1000 - verified["streams"][0]["endMs"])
    return {"files": len(lost), "wrong": wrong, "median": sorted(lost)[len(lost) // 2], "most": max(lost)}


def section(of, recorded, end, takers, out):
    def middle(rounds, of_one):
        return statistics.median(of_one(one) for one in rounds) * 100

    tracks, mixes = recorded["rounds"], takers["rounds"]
    rows = [
        [f"{TRACKS} tracks of 1 Mbit/s, % of a core that recording them adds", f"{middle(tracks, lambda one: one['busy'] - one['idle']):.1f}", "under 15"],
        ["the same server without the recording", f"{middle(tracks, lambda one: one['idle']):.1f}", ""],
        ["threads that the recording adds", str(recorded["threads"]), ""],
        ["written, Mbit/s", f"{recorded['bits'] / 1e6:.1f}", ""],
        ["the mix of 4 at 1280x720, recorded, % of a core", f"{middle(mixes, lambda one: one['file']):.1f}", ""],
        ["the same, sent by RTMP too, more", f"{middle(mixes, lambda one: one['rtmp'] / one['file'] - 1):+.1f} %", "under 5 %"],
        ["the same, played by HLS as well (`--hls-renditions off`), more",
         f"{middle(mixes, lambda one: one['hls'] / one['rtmp'] - 1):+.1f} %", "under 5 %"],
        ["encoders of the picture of these three", str(takers["encoders"]), "1"],
        [f"`kill -9` during {KILLED} files: that do not play", str(end["wrong"]), "0"],
        ["lost at their end, ms, median", f"{end['median']:.0f}", ""],
        ["lost at their end, ms, most", f"{end['most']:.0f}", "at most 1000"],
    ]
    return f"""## Measured, {of['date']}

gst-rooms {of['gst-rooms']} on {of['processor']}, Linux {of['kernel']}, by `./bench record`; cameras of gst-rooms-load. \
What is added is measured by turns with and without, in one server, and the differences are medians of {len(mixes)} rounds: the speed \
of the machine changes by more than they are.

{performance_doc.table(["", "", "wanted"], rows)}

Outputs of a room, from before the encoder of the publisher to behind the decoder of a player that buffers nothing; light and tone \
come together, so sound should be 0 ms later than the picture (negative: earlier), and is to stay within 40 ms. The publisher is \
`roomsink`, H.264 320x240 at 25 pictures a second; the mix is 1280x720. HLS and files are read by ffmpeg, their medians are of \
{COPIED} s.

{performance_doc.table(["output", "glass to glass, p50 / p95, ms", "wanted", "sound later than picture, ms"], output_rows(out))}
"""


def output_rows(out):
    bounds = {"RTMP": "under 2000", "RTSP": "under 500"}
    for name, one in out.items():
        late = "" if one["p50"] is None else f"{one['p50']:.0f} / {one['p95']:.0f}"
        apart = "not measured" if one["sound_late"] is None else f"{one['sound_late']:.0f}"
        yield [name, late, bounds.get(name[:4], ""), apart]


def run(options):
    machine.install(["ip", "taskset", "nginx", "ffmpeg", "gst-launch-1.0"])
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    machine.enter_namespace()
    with tempfile.TemporaryDirectory() as folder:
        machine.wait_until_quiet(options.patience)
        recorded = cost(options, folder)
        end = killed(options, folder)
        takers = takers_cost(options, Media(folder), folder)
        out = outputs(options, folder)
    text = section(machine.describe(), recorded, end, takers, out)
    performance_doc.write_section(options.doc, "record", text)
    print(text)
