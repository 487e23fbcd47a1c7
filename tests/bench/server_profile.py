# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the server's microseconds go while it forwards 1 to 100: samples by perf."""

import os
import subprocess
import sys
import time
from collections import Counter

import figures
import load
import machine
import performance_doc
from peers import TARGETS_OF_BUILD
from servers import GstRooms

SAMPLES_PER_SECOND = 1999
TOP = 25
GROUPS = (  # first match wins
    ("kernel", ("[kernel", "[unknown]", "[vdso]", "[guest")),
    ("OpenSSL (SRTP)", ("libcrypto",)),
    ("gst-rooms", ("gst-rooms-server", "libgstrooms")),
    ("GStreamer and GLib", ("libgst", "libglib", "libgobject", "libgio")),
    ("C and C++ libraries", ("libc.", "libc-", "libstdc++", "libm.", "libgcc", "ld-linux")),
)


def group_of(module):
    for name, beginnings in GROUPS:
        if module.startswith(beginnings):
            return name
    return "others"


def record(server, seconds, file):
    return subprocess.Popen(
        ["perf", "record", "--quiet", "-e", "cpu-clock", "-F", str(SAMPLES_PER_SECOND),
         "-p", str(server.pid), "-o", str(file), "--", "sleep", str(seconds)],
        stderr=subprocess.PIPE, preexec_fn=machine.ends_with_parent)


def samples_in(file):
    """Counter of (module, symbol)."""
    report = subprocess.run(
        ["perf", "report", "-i", str(file), "--stdio", "--quiet", "--sort", "dso,sym",
         "--fields", "sample,dso,sym", "--field-separator", ";"],
        capture_output=True, text=True, check=True).stdout
    counts = Counter()
    for line in report.splitlines():
        parts = [part.strip() for part in line.split(";", 2)]
        if len(parts) == 3 and parts[0].isdigit():
            counts[parts[1], parts[2].removeprefix("[.] ").removeprefix("[k] ")] += int(parts[0])
    return counts


def section(of, counts, result, one):
    total = sum(counts.values())
    cost = figures.at(result, "cpu_us_per_packet")
    groups = Counter()
    for (module, _), number in counts.items():
        groups[group_of(module)] += number

    def row(name, number):
        share = number / total
        return [name, f"{share * 100:.1f} %", "–" if cost is None else f"{share * cost:.2f}"]

    by_group = [row(name, number) for name, number in groups.most_common()]
    by_symbol = [row(f"{symbol.replace('|', '')} ({module})", number)
                 for (module, symbol), number in counts.most_common(TOP)]
    header = ["", "share", "µs per packet"]
    cost_words = "" if cost is None else f"{cost:.2f} µs per forwarded packet while being sampled; "
    return f"""## Where the time goes, {of['date']}

gst-rooms {of['gst-rooms']} under {one.title} ({load.BITRATE / 1e6:g} Mbit/s VP8 and Opus) on {of['processor']}, \
Linux {of['kernel']}: {cost_words}{total} samples of the whole process, {of['busy']:.2f} cores busy before. \
The kernel's share contains the delivery into the receivers' sockets, which loopback does in the sender's time.

{performance_doc.table(header, by_group)}

{performance_doc.table(["function", *header[1:]], by_symbol)}
"""


def run(options):
    machine.install(["perf", "ip", "taskset"])
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    machine.enter_namespace()
    of = dict(machine.describe(), busy=machine.busy_cores())
    one = load.ROOMS if options.rooms else load.Load.broadcast(options.subscribers)
    with GstRooms(options.build) as server:
        file = server.directory / "perf.data"
        process = load.start(options.build, server, one, options.warmup, options.duration)
        time.sleep(options.warmup + 2)
        perf = record(server, max(1, options.duration - 3), file)
        result = load.result_of(process, patience=options.duration + options.warmup + 90)
        _, err = perf.communicate()
        if not file.exists():
            raise machine.BenchError(f"perf recorded nothing: {err.decode()}")
        counts = samples_in(file)
    if not counts:
        raise machine.BenchError("perf recorded no samples")
    text = section(of, counts, result, one)
    performance_doc.write_section(options.doc, "profile", text)
    print(text)
    print(f"{sum(counts.values())} samples", file=sys.stderr)
