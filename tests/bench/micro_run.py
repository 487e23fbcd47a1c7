# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nanoseconds per packet of single parts: the Google Benchmark executables of tests/bench."""

import json
import os
import subprocess

import machine
import performance_doc

EXECUTABLES = ("tests/bench/micro/micro_bench", "tests/bench/forward/forward_bench", "tests/bench/mix/mix_bench")
AUDIO_BLOCK = 20e6  # ns of sound that an iteration of the mixer's benchmarks makes


def load_of(one):
    """Of a mixer: what part of a core it takes in real time, and what it adds to the latency."""
    if not one["name"].startswith("mix_"):
        return ""
    text = f", {100 * one.get('element_cpu', one['cpu_time']) / AUDIO_BLOCK:.2f} % of a core"
    if "added_latency_p95_ms" in one:
        text += f", adds {one['added_latency_p50_ms']:.1f} ms (p95 {one['added_latency_p95_ms']:.1f})"
    return text


def run_one(path, options):
    command = ["taskset", "--cpu-list", str(machine.SERVER_CORE), str(path),
               "--benchmark_format=json", f"--benchmark_min_time={options.min_time}"]
    if options.filter:
        command.append(f"--benchmark_filter={options.filter}")
    environment = dict(os.environ, GST_PLUGIN_PATH=str(options.build / "elements"),
                       GST_REGISTRY=str(options.build / "registry.bin"))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        raise machine.BenchError(f"{path} failed")
    return json.loads(done.stdout)["benchmarks"] if done.stdout.strip() else []


def run(options):
    machine.install(["taskset"], google_benchmark=True)
    machine.build(options.build, [*EXECUTABLES, "elements/libgstrooms.so"])
    before = machine.busy_cores()
    rows = []
    for executable in EXECUTABLES:
        for one in run_one(options.build / executable, options):
            # Benchmarks that do many packets in one iteration say how many.
            packets = one.get("packets_per_iteration", 1)
            rows.append([f"`{one['name']}`", f"{one.get('element_cpu', one['cpu_time']) / packets:.0f}{load_of(one)}"])
    of = machine.describe()
    text = f"""## Single parts, {of['date']}

CPU time per packet (or per call where there is none) on {of['processor']}, optimised build of {of['gst-rooms']}, \
{before:.2f} cores busy before.

{performance_doc.table(["", "ns"], rows)}
"""
    if not options.filter:
        performance_doc.write_section(options.doc, "micro", text)
    print(text)
