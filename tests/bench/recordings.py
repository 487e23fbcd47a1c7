# SPDX-License-Identifier: LGPL-2.1-or-later
"""What recording costs, what a server that is killed leaves, how late the outputs of a room are: ./bench record."""

import calendar
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
import performance_doc
from machine import cpu_seconds
from mixing import Media
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
    """CPU of the server, in parts of a core: without and with a recording of all tracks."""
    with GstRooms(options.build, workers=1, options=("--recordings", folder)) as server:
        load = publish(options, server, TRACKS, 4 * options.duration + 10)
        wait_for_publishers(server, "bench", TRACKS)
        time.sleep(2)

        def share():
            before, began = cpu_seconds(server.pid), time.monotonic()
            time.sleep(options.duration)
            return (cpu_seconds(server.pid) - before) / (time.monotonic() - began)

        idle = share()
        recording = ask(server, "POST", "/api/rooms/bench/recordings", {"kind": "tracks"})
        time.sleep(2)
        busy = share()
        threads = len(list(Path(f"/proc/{server.pid}/task").iterdir()))
        done = ask(server, "DELETE", f"/api/rooms/bench/recordings/{recording['id']}")
        load.send_signal(signal.SIGINT)
        load.wait()
    bits = sum(one["bytes"] * 8 for one in done["files"]) / max(one["durationMs"] for one in done["files"]) * 1000
    return {"idle": idle, "busy": busy, "threads": threads, "files": len(done["files"]), "bits": bits}


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
    alone = takers["file"]
    rows = [
        [f"{TRACKS} tracks of 1 Mbit/s, % of a core", f"{(recorded['busy'] - recorded['idle']) * 100:.1f}", "under 15"],
        ["the same server without the recording", f"{recorded['idle'] * 100:.1f}", ""],
        ["written, Mbit/s", f"{recorded['bits'] / 1e6:.1f}", ""],
        ["the mix of 4 at 1280x720, recorded, % of a core", f"{alone * 100:.1f}", ""],
        ["the same, sent by RTMP too", f"{takers['rtmp'] * 100:.1f} ({(takers['rtmp'] / alone - 1) * 100:+.1f} %)", "under 5 % more"],
        ["the same, played by HLS as well (`--hls-renditions off`), % of a core",
         f"{takers['hls'] * 100:.1f} ({(takers['hls'] / takers['rtmp'] - 1) * 100:+.1f} %)", "under 5 % more"],
        ["encoders of the picture of these three", str(takers["encoders"]), "1"],
        [f"`kill -9` during {KILLED} files: that do not play", str(end["wrong"]), "0"],
        ["lost at their end, ms, median", f"{end['median']:.0f}", ""],
        ["lost at their end, ms, most", f"{end['most']:.0f}", "at most 1000"],
    ]
    return f"""## Measured, {of['date']}

gst-rooms {of['gst-rooms']} on {of['processor']}, Linux {of['kernel']}, by `./bench record`; cameras of gst-rooms-load.

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
    print(f"{recorded['threads']} threads, {recorded['files']} files", file=sys.stderr)
