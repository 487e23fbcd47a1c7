# SPDX-License-Identifier: LGPL-2.1-or-later
"""What mixing costs: ./bench mix."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import machine
import performance_doc
from machine import BenchError, LOAD_CORE, cpu_seconds, ends_with_parent
from servers import GstRooms, Janus

TARGETS_OF_BUILD = ("server/gst-rooms-server", "elements/libgstrooms.so", "tests/load/gst-rooms-load",
                    "tests/bench/mix/mix_bench")
FPS = 25
PEOPLE = 20
LAYERS = (("q", 320, 180, 150_000), ("h", 640, 360, 500_000), ("f", 1280, 720, 1_500_000))


def say(text):
    print(text, file=sys.stderr, flush=True)


class Media:
    """What cameras and microphones send, made by real encoders."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.speech = self.encode("speech", "audiotestsrc wave=pink-noise volume=0.5 samplesperbuffer=960 num-buffers=500 ! "
                                  "audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 bitrate=32000 ! "
                                  "rtpopuspay")
        self.silence = self.encode("silence", "audiotestsrc wave=silence samplesperbuffer=960 num-buffers=500 ! "
                                   "audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 bitrate=32000 ! "
                                   "rtpopuspay")
        self.cameras = [
            self.encode(rid, f"videotestsrc pattern=zone-plate kx2=12 ky2=8 kt=2 num-buffers={4 * FPS} ! "
                        f"video/x-raw,width={width},height={height},framerate={FPS}/1 ! "
                        f"vp8enc deadline=1 cpu-used=8 target-bitrate={rate} keyframe-max-dist={2 * FPS} ! "
                        "rtpvp8pay mtu=1172")
            for rid, width, height, rate in LAYERS]

    def encode(self, name, pipeline):
        place = self.folder / f"{name}.rtp"
        done = subprocess.run(["gst-launch-1.0", "-q", *f"{pipeline} ! rtpstreampay ! filesink buffer-mode=unbuffered location={place}".split()],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise BenchError(f"gst-launch-1.0 made no {name}: {done.stdout}")
        return str(place)


class LoadProcess:
    """gst-rooms-load on its core, until it is left."""

    def __init__(self, options, server, *arguments):
        self.process = subprocess.Popen(
            ["taskset", "--cpu-list", str(LOAD_CORE), str(options.build / "tests/load/gst-rooms-load"),
             "--server", server.kind, "--pid", str(server.pid), "--json", "--quiet", "--warmup", "3", "--duration", "900",
             *arguments, server.url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=ends_with_parent)

    def end(self):
        """What it found."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        try:
            return json.loads(out)
        except ValueError:
            raise BenchError(f"gst-rooms-load: {err.strip()[-500:]}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


    def check(self):
        """Raises if it has ended by itself."""
        if self.process.poll() is not None:
            raise BenchError(f"gst-rooms-load: {self.process.stderr.read().strip()[-500:]}")


def threads_of(pid):
    """CPU seconds by thread, with its name."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        found[int(task.name)] = (name, (int(fields[11]) + int(fields[12])) / machine.TICKS)
    return found


def share(server, seconds):
    """Parts of a core that the server took, in all and by the name of its threads."""
    before, threads, began = cpu_seconds(server.pid), threads_of(server.pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    parts = {}
    for task, (name, cpu) in threads_of(server.pid).items():
        name = name.split("-")[0] if name.startswith("network") else name.split(":")[0].rstrip("0123456789_")
        parts[name] = parts.get(name, 0) + (cpu - threads.get(task, (name, 0))[1]) / took
    return (cpu_seconds(server.pid) - before) / took, parts


def room_stats(server, room):
    with urllib.request.urlopen(f"{server.url}/api/rooms/{room}", timeout=10) as answer:
        return json.load(answer)


def sound(options, media, make, label, *arguments):
    """CPU of a server that mixes 20 microphones for the 20 who are there, in parts of a core."""
    with make() as server, LoadProcess(options, server, "--rooms", "1", "--size", str(PEOPLE), "--no-video", "--fps",
                                       str(FPS), *arguments) as load:
        time.sleep(6)
        cores, parts = share(server, options.duration)
        heard = load.end()["packets_per_second"] / PEOPLE
    say(f"{label}: {cores * 100:.1f} % of a core, {heard:.0f} packets/s heard by each")
    if heard < 45:
        raise BenchError(f"{label}: everybody should hear 50 packets/s, and gets {heard:.1f}")
    return {"cores": cores, "parts": parts}


def publishers(options, media, server, count, room="mix"):
    return LoadProcess(options, server, "--publishers", str(count), "--subscribers", "0", "--room", room, "--simulcast",
                       "--fps", str(FPS), "--video-files", ",".join(media.cameras), "--opus-files",
                       ",".join([media.speech] + [media.silence] * 4))


def takers(options, server, count, room="mix"):
    return LoadProcess(options, server, "--publishers", "0", "--subscribers", str(count), "--room", room, "--play-path",
                       "/whep/{room}/mix")


def pictures_of(stats):
    """Frames that left the mix so far, and what it says of those it could not make in time."""
    return stats["mix"].get("picture") or {}


def encoded(stats):
    """Pictures that the encoder has made so far; it leaves out what it is late for."""
    return sum(encoder["input"].get("frames", 0) for encoder in stats["mix"]["encoders"] if encoder["kind"] == "video")


def picture(options, media, count, seconds, consumers=1):
    with GstRooms(options.build, workers=1, options=()) as server, \
            publishers(options, media, server, count) as cameras:
        time.sleep(4)
        cameras.check()
        with takers(options, server, consumers) as taking:
            time.sleep(6)
            cameras.check()
            taking.check()
            return watch_picture(server, count, seconds, consumers)


def watch_picture(server, count, seconds, consumers):
    """The figures of a mix that is under way."""
    first = room_stats(server, "mix")
    before = pictures_of(first)
    began = time.monotonic()
    cores, parts = share(server, seconds)
    stats = room_stats(server, "mix")
    took = time.monotonic() - began
    after = pictures_of(stats)
    frames = (after.get("frames", 0) - before.get("frames", 0)) / took
    dropped = after.get("dropped", 0) - before.get("dropped", 0)
    made = (encoded(stats) - encoded(first)) / took
    say(f"{count} tiles for {consumers}: {cores * 100:.1f} % of a core, {frames:.2f} pictures/s, {dropped} not in time, "
        f"{made:.2f} encoded")
    return {"cores": cores, "parts": parts, "fps": frames, "dropped": dropped, "encoded": made, "mix": stats["mix"]}


def unused(options, media):
    """A room before anybody took its mix, and after the last has left."""
    with GstRooms(options.build, workers=1, options=()) as server, publishers(options, media, server, 4):
        time.sleep(6)
        before, threads = share(server, options.duration)[0], len(threads_of(server.pid))
        with takers(options, server, 1) as taking:
            time.sleep(6)
            within = len(threads_of(server.pid))
            taking.end()
        time.sleep(14)
        after, left = share(server, options.duration)[0], len(threads_of(server.pid))
    say(f"a mix nobody takes: {before * 100:.1f} and {after * 100:.1f} % of a core, {threads}, {within}, {left} threads")
    return {"before": before, "after": after, "threads": threads, "within": within, "left": left}


def player(options, script, count):
    """What a script beside this one found that plays rooms of a server by our elements."""
    with GstRooms(options.build, workers=1, options=()) as server:
        environment = dict(os.environ, GST_PLUGIN_PATH=str(options.build / "elements"),
                           GST_REGISTRY=str(options.build / "registry.bin"))
        done = subprocess.run(
            ["taskset", "--cpu-list", str(LOAD_CORE), "/usr/bin/python3", str(Path(__file__).with_name(script)), server.url,
             str(count)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchError(f"{script} found nothing: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def control(options):
    """At a decoded output of the mix, ms: sound against picture, and until what was asked for is there."""
    found = player(options, "mix_control.py", max(10, options.duration))
    say(f"sound later than picture: {found['late']} ms, at most {found['late_most']}, of {found['beats']}; a layout is seen after "
        f"{found['layout']} ms, its move is over after {found['layout_done']}; a volume is heard after {found['volume']}")
    return found


def latency(options):
    """Of a click, ms: what the mix adds to the forwarded sound."""
    found = player(options, "mix_latency.py", max(30, options.duration * 3))
    say(f"latency added to {found['clicks']} clicks: p50 {found['p50']:.1f}, p95 {found['p95']:.1f} ms")
    return found


def mixer(options):
    """Of `mixminus` with 50 inputs who all speak, in parts of a core."""
    command = [str(options.build / "tests/bench/mix/mix_bench"), "--benchmark_filter=mix_", "--benchmark_format=json"]
    environment = dict(os.environ, GST_PLUGIN_PATH=str(options.build / "elements"),
                       GST_REGISTRY=str(options.build / "registry.bin"))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    runs = json.loads(done.stdout)["benchmarks"]
    return {one["name"]: one.get("element_cpu", one["cpu_time"]) / 20e6 for one in runs}


def parts_of(measured):
    return ", ".join(f"{name} {cores * 100:.1f}" for name, cores in
                     sorted(measured["parts"].items(), key=lambda part: -part[1]) if cores >= 0.005)


def percent(cores):
    return f"{cores * 100:.1f}"


def section(of, found):
    janus, ours, few = (found[key]["cores"] for key in ("janus", "all", "few"))
    four, nine, sixteen = (found["tiles"][n] for n in (4, 9, 16))
    one, twenty = found["takers"][1]["cores"], found["takers"][20]["cores"]
    idle, control = found["unused"], found["control"]
    rows = [
        [f"{PEOPLE} microphones, all speak, all listen: Janus AudioBridge, % of a core", percent(janus), ""],
        ["the same, gst-rooms (`mode` `hybrid`)", f"{percent(ours)} ({ours / janus:.2f} x)", "at most 0.5 x"],
        ["2 of them speak: Janus, % of a core", percent(found["janus-few"]["cores"]), ""],
        ["the same, gst-rooms", f"{percent(few)} ({few / found['janus-few']['cores']:.2f} x)", "at most 0.5 x"],
        ["latency that the mix adds to a click, p50 / p95, ms",
         f"{found['latency']['p50']:.0f} / {found['latency']['p95']:.0f}", "p95 under 60"],
        [f"sound later than picture at a decoded output, median and most of {control['beats']} beats, ms",
         f"{control['late']}, {control['late_most']}", "at most 40"],
        ["a layout that was asked for: its move is seen at a decoded output, and over, after ms",
         f"{control['layout']}, {control['layout_done']}", "200"],
        ["a volume that was asked for: heard there after ms", f"{control['volume']}", "200"],
        ["1280x720 at 25/s of 9 VP8 participants, % of a core", percent(nine["cores"]), "at most 100"],
        [f"its pictures a second, those not in time in {found['seconds']} s, encoded a second",
         f"{nine['fps']:.2f}, {nine['dropped']}, {nine['encoded']:.2f}", "25, 0, 25"],
        ["4 tiles, % of a core", percent(four["cores"]), ""],
        ["16 tiles, % of a core", f"{percent(sixteen['cores'])} ({sixteen['cores'] / four['cores']:.2f} x)", "at most 1.3 x"],
        ["the mix of 4 for 1 taker, for 20, % of a core", f"{percent(one)}, {percent(twenty)}", "forwarding only"],
        ["each taker more, % of a core", f"{(twenty - one) / 19 * 100:.2f}", ""],
        ["a mix nobody takes, before the first and after the last taker, % of a core",
         f"{percent(idle['before'])}, {percent(idle['after'])}", "equal"],
        ["threads likewise (and while it was taken)", f"{idle['threads']}, {idle['left']} ({idle['within']})", "equal"],
        *([f"`{name}`, % of a core", f"{cores * 100:.2f}", "under 3"] for name, cores in found["mixer"].items()),
    ]
    return f"""## Measured, {of['date']}

gst-rooms {of['gst-rooms']} and Janus {of['Janus']} on {of['processor']}, Linux {of['kernel']}, by `./bench mix`: server on one core, \
clients of gst-rooms-load on the other, their pictures and sound from real encoders. One round of {found['duration']} s each.

{performance_doc.table(["", "", "wanted"], rows)}

Where it goes, % of a core by the name of the threads:

- sound, all speak: {parts_of(found["all"])}
- 9 tiles: {parts_of(nine)}
- 16 tiles: {parts_of(sixteen)}
- 20 takers: {parts_of(found["takers"][20])}
"""


def run(options):
    machine.install(["janus", "ip", "taskset", "gst-launch-1.0"], google_benchmark=True)
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    machine.enter_namespace()
    found = {"duration": options.duration, "seconds": options.picture_seconds}
    with tempfile.TemporaryDirectory() as folder:
        media = Media(folder)
        machine.wait_until_quiet(options.patience)
        ours = lambda: GstRooms(options.build, workers=1, options=())  # noqa: E731
        few = ",".join([media.speech] + [media.silence] * 9)
        janus = lambda: Janus(plugin="audiobridge")  # noqa: E731
        found["janus"] = sound(options, media, janus, "Janus, all speak", "--opus-files", media.speech)
        found["all"] = sound(options, media, ours, "gst-rooms, all speak", "--mode", "hybrid", "--opus-files", media.speech)
        found["janus-few"] = sound(options, media, janus, "Janus, 2 speak", "--opus-files", few)
        found["few"] = sound(options, media, ours, "gst-rooms, 2 speak", "--mode", "hybrid", "--opus-files", few)
        found["latency"] = latency(options)
        found["control"] = control(options)
        found["tiles"] = {n: picture(options, media, n, options.picture_seconds if n == 9 else options.duration)
                          for n in (4, 9, 16)}
        found["takers"] = {1: found["tiles"][4], 20: picture(options, media, 4, options.duration, 20)}
        found["unused"] = unused(options, media)
        found["mixer"] = mixer(options)
    (options.build / "bench-mix.json").write_text(json.dumps(found, indent=1) + "\n")
    text = section(machine.describe(), found)
    performance_doc.write_section(options.doc, "mix", text)
    print(text)
