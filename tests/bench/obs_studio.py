# SPDX-License-Identifier: LGPL-2.1-or-later
"""OBS Studio without a screen and without a hand: X servers, a profile, a scene, a stream that begins by itself."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

from machine import BenchError, ends_with_parent

WIDTH, HEIGHT, FPS = 640, 360, 30
# What OBS does when nobody has set anything but where to, and what docs/ingest.md asks for.
DEFAULTS = None
ADVISED = {"rate_control": "CBR", "bitrate": 1500, "keyint_sec": 1, "preset": "veryfast", "profile": "main", "tune": "zerolatency"}


class Display:
    """An X server that is nobody's screen."""

    def __init__(self, width, height):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"], pass_fds=[write],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=ends_with_parent)
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise BenchError("Xvfb did not start")
        self.name = f":{number}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def make_movie(path):
    """White picture and a tone, together, for every second second."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i",
               f"color=black:size=320x180:rate={FPS},drawbox=color=white:t=fill:enable='lt(mod(t,2),1)'", "-f", "lavfi", "-i",
               "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,2),1)':sample_rate=48000", "-t", "60", "-c:v", "libx264", "-preset",
               "ultrafast", "-c:a", "pcm_s16le", str(path)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchError(f"ffmpeg made no film: {done.stderr}")


def source(kind, name, settings):
    return {"id": kind, "versioned_id": kind, "name": name, "settings": settings, "mixers": 255, "volume": 1.0, "enabled": True}


def item(name, number, x, scale):
    return {"name": name, "id": number, "visible": True, "pos": {"x": x, "y": 0.0}, "scale": {"x": scale, "y": scale},
            "rot": 0.0, "align": 5, "bounds_type": 0, "bounds": {"x": 0.0, "y": 0.0}}


def scene(glass, movie):
    """The screen of another display on the left, the film on the right."""
    return {
        "name": "bench", "current_scene": "Scene", "current_program_scene": "Scene", "scene_order": [{"name": "Scene"}],
        "sources": [
            source("xshm_input", "Screen", {"advanced": True, "server": glass, "screen": 0, "show_cursor": False}),
            source("ffmpeg_source", "Film", {"is_local_file": True, "local_file": str(movie), "looping": True,
                                             "hw_decode": False, "restart_on_activate": False}),
            source("scene", "Scene", {"id_counter": 2, "items": [item("Screen", 1, 0.0, 1.0),
                                                                 item("Film", 2, WIDTH / 2, 1.0)]}),
        ],
    }


def profile(encoder):
    mode = "Simple" if encoder is DEFAULTS else "Advanced"
    return f"""[General]
Name=bench
[Output]
Mode={mode}
Reconnect=false
[AdvOut]
Encoder=obs_x264
[Video]
BaseCX={WIDTH}
BaseCY={HEIGHT}
OutputCX={WIDTH}
OutputCY={HEIGHT}
FPSType=0
FPSCommon={FPS}
[Audio]
SampleRate=48000
ChannelSetup=Stereo
"""


class ObsStudio:
    """Streams `to` (server, key) what is on the display `glass`, and a film."""

    def __init__(self, folder, display, glass, movie, to, encoder):
        self.home = Path(folder)
        self.display = display
        self.configure(glass, movie, to, encoder)
        self.lines = []  # (when, what)

    def configure(self, glass, movie, to, encoder):
        config = self.home / ".config" / "obs-studio"
        place = config / "basic" / "profiles" / "bench"
        place.mkdir(parents=True)
        (config / "basic" / "scenes").mkdir()
        (config / "global.ini").write_text("[General]\nFirstRun=true\nEnableAutoUpdates=false\n[Basic]\nProfile=bench\n"
                                           "ProfileDir=bench\nSceneCollection=bench\nSceneCollectionFile=bench\n")
        (place / "basic.ini").write_text(profile(encoder))
        server, key = to
        (place / "service.json").write_text(json.dumps(
            {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False}}))
        if encoder is not DEFAULTS:
            (place / "streamEncoder.json").write_text(json.dumps(encoder))
        (config / "basic" / "scenes" / "bench.json").write_text(json.dumps(scene(glass, movie)))

    def __enter__(self):
        environment = dict(os.environ, HOME=str(self.home), XDG_CONFIG_HOME=str(self.home / ".config"), DISPLAY=self.display,
                           XDG_RUNTIME_DIR=str(self.home), QT_QPA_PLATFORM="xcb", LIBGL_ALWAYS_SOFTWARE="1")
        self.process = subprocess.Popen(
            ["obs", "--multi", "--startstreaming", "--profile", "bench", "--collection", "bench", "--disable-updater",
             "--disable-missing-files-check", "--minimize-to-tray"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment,
            preexec_fn=ends_with_parent)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.rstrip()))

    def said(self, words):
        """When it said so, or None."""
        return next((when for when, line in list(self.lines) if words in line), None)

    def log(self):
        return "\n".join(line for _, line in self.lines)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
