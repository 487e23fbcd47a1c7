# SPDX-License-Identifier: LGPL-2.1-or-later
"""One run of gst-rooms-load against one server, and what it found."""

import json
import subprocess
import sys
from dataclasses import dataclass

from machine import LOAD_CORE, ends_with_parent

BITRATE = 1_000_000


@dataclass(frozen=True)
class Load:
    key: str
    title: str
    arguments: tuple

    @staticmethod
    def broadcast(subscribers):
        return Load(f"broadcast-{subscribers}", f"1 → {subscribers}",
                    ("--publishers", "1", "--subscribers", str(subscribers)))


ROOMS = Load("rooms", "4 rooms of 5", ("--rooms", "4", "--size", "5"))


def command_for(build, server, arguments, spin=True):
    return ["taskset", "--cpu-list", str(LOAD_CORE),
            str(build / "tests" / "load" / "gst-rooms-load"),
            "--server", server.kind, *arguments, "--bitrate", str(BITRATE), "--codec", "vp8",
            "--pid", str(server.pid), "--cpu", str(LOAD_CORE), *(["--spin"] if spin else []), "--json",
            server.url]


def start(build, server, load, warmup, duration, spin=True):
    arguments = (*load.arguments, "--warmup", str(warmup), "--duration", str(duration))
    return subprocess.Popen(command_for(build, server, arguments, spin), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, preexec_fn=ends_with_parent)


def result_of(process, patience):
    """The figures, or None and a line on stderr. The process is ended when its time is over."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        err = f"no result within {patience} s\n{err}"
    try:
        return json.loads(out)
    except ValueError:
        print("    failed: " + " | ".join(err.strip().splitlines()[-3:]), file=sys.stderr)
        return None


def measure(build, server, load, warmup, duration, spin=True):
    process = start(build, server, load, warmup, duration, spin)
    try:
        return result_of(process, patience=warmup + duration + 90)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def find_limit(build, server, patience):
    process = subprocess.Popen(
        command_for(build, server, ("--publishers", "1", "--find-limit")),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=ends_with_parent)
    try:
        return result_of(process, patience)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
