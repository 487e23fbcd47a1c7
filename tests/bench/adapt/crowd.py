# SPDX-License-Identifier: LGPL-2.1-or-later
"""A room in which everybody publishes, and everybody is sent the last few who spoke."""

import subprocess

import figures
import load
from machine import BenchError, ends_with_parent

from .lines import step
from .stage import HTTP_PORT, SERVER_ADDRESS, Stage
from .tell import say

LAST_N = 9
SIZES = (10, 50, 100)


def play(lab, stage, size):
    """One room of so many, by gst-rooms-load on the host 'others'."""
    command = [*lab.hosts["others"].prefix, str(lab.build / "tests/load/gst-rooms-load"), "--rooms", "1",
               "--size", str(size), "--last-n", str(LAST_N), "--bitrate", "100k", "--fps", "10", "--ramp", "20",
               "--warmup", "4", "--duration", "8", "--pid", str(stage.server.pid), "--json",
               f"http://{SERVER_ADDRESS}:{HTTP_PORT}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=ends_with_parent)
    try:
        return load.result_of(process, patience=240)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def last_n(lab, key):
    found = {}
    for size in SIZES:
        with Stage(lab, key, ("--last-n", str(LAST_N))) as stage:
            step(f"room of {size}", 0.5)
            result = play(lab, stage, size)
        if result is None:
            raise BenchError(f"no result for a room of {size}")
        found[size] = {
            "packets": figures.at(result, "packets_per_second") / size,
            "cpu": figures.at(result, "cpu_percent"),
            "loss": figures.at(result, "loss_percent"),
        }
        say(f"      {found[size]['packets']:.0f} packets/s for each, CPU {found[size]['cpu']:.1f} %, "
            f"{figures.at(result, 'cpu_us_per_packet'):.1f} us a packet, failed clients {result.get('failed_clients')}")

    def each(size, what):
        return found[size][what] / (size if what == "cpu" else 1)

    return {
        "packets": each(100, "packets") / each(10, "packets"),
        "cost": each(100, "cpu") / each(10, "cpu"),
        **{f"cpu-{size}": found[size]["cpu"] for size in SIZES},
        "lost": found[100]["loss"],
    }
