#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Joins and leaves by gst-rooms-load leave no thread, descriptor, object or memory behind in the server.

  cycles.py LOAD SERVER PLUGINS REGISTRY [JOINS]
"""

import collections
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

LOAD, SERVER, PLUGINS, REGISTRY = sys.argv[1:5]
JOINS = int(sys.argv[5]) if len(sys.argv) > 5 else 60
WARM = 50
# glibc's arenas grow and shrink by some hundred KiB; 100 KiB a connection would be 100 MiB in 500 joins.
GROWTH_KIB = 3 * 1024
# How a round comes and goes: options of the load, and how many connections that is.
MEETING = ["--rooms", "1", "--size", "3"]
BROADCAST = ["--publishers", "1", "--subscribers", "4"]
ROUNDS = [(MEETING, 6), (BROADCAST, 5), ([*BROADCAST, "--simulcast"], 5)]


class Server:
    def __init__(self):
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(
            [SERVER, "--listen", "127.0.0.1:0", "--udp-port", "0", "--log-level", "error"],
            stdout=self.log, stderr=self.log,
            env=dict(os.environ, GST_PLUGIN_PATH=PLUGINS, GST_REGISTRY=REGISTRY, GST_TRACERS="leaks",
                     GST_LEAKS_TRACER_SIG="1", GST_DEBUG="GST_TRACER:7", GST_DEBUG_NO_COLOR="1"))
        self.url = None
        end = time.monotonic() + 90
        while not self.url and time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://[\d.]+:\d+", self.text_from(0))
            self.url = found and found.group()
            time.sleep(0.1)
        if not self.url:
            raise SystemExit("the server did not start:\n" + self.text_from(0))

    def size(self):
        return os.fstat(self.log.fileno()).st_size

    def text_from(self, offset):
        with open(f"/proc/self/fd/{self.log.fileno()}", errors="replace") as log:
            log.seek(offset)
            return log.read()

    def objects(self):
        offset = self.size()
        self.process.send_signal(signal.SIGUSR1)
        before = -1
        while self.size() != before or before == offset:
            before = self.size()
            time.sleep(0.4)
        return re.findall(r"object-alive, type-name=\(string\)([^,;]+)", self.text_from(offset))

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def left(self):
        counts = collections.Counter(self.objects())
        counts["threads"] = len(os.listdir(f"/proc/{self.process.pid}/task"))
        counts["descriptors"] = len(os.listdir(f"/proc/{self.process.pid}/fd"))
        return counts

    def wait_until_empty(self):
        end = time.monotonic() + 30
        while True:
            with urllib.request.urlopen(self.url + "/api/rooms") as reply:
                rooms = json.load(reply)["rooms"]
            if not rooms:
                return
            if time.monotonic() > end:
                raise SystemExit(f"rooms that do not close: {rooms}")
            time.sleep(0.2)

    def end(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


def come_and_go(server, number):
    """How many connections that were. Half a second may be too short on a machine that is busy: then once more, longer."""
    options, connections = ROUNDS[number % len(ROUNDS)]
    for seconds in (0.5, 2, 5):
        done = subprocess.run(
            [LOAD, *options, "--room", f"cycle-{number % 4}", "--warmup", "0", "--duration", str(seconds), "--quiet",
             "--json", server.url], capture_output=True, text=True, timeout=120)
        if done.returncode == 0:
            return connections
    raise SystemExit(f"gst-rooms-load {' '.join(options)}: {done.returncode}\n{done.stdout}{done.stderr}")


def more(before, now):
    return [f"{what}: {before[what]} to {count}" for what, count in sorted(now.items()) if count > before[what]]


def settled(server):
    """The same twice in a row: threads end a moment after the last has left."""
    before = server.left()
    for _ in range(40):
        now = server.left()
        if now == before:
            return now
        before = now
    raise SystemExit("threads, descriptors and objects do not settle")


def cycles(server):
    for number in range(len(ROUNDS)):
        come_and_go(server, number)
    server.wait_until_empty()
    first = settled(server)
    joins = number = 0
    resident = None
    while joins < JOINS:
        joins += come_and_go(server, number)
        number += 1
        if resident is None and joins >= WARM:
            resident = server.resident()
    last_resident = server.resident()
    server.wait_until_empty()
    # A leak never settles: one object a join would be as many as there were joins.
    end = time.monotonic() + 20
    while (extra := more(first, server.left())) and time.monotonic() < end:
        time.sleep(0.5)
    print(f"{joins} joins and leaves: threads {first['threads']}, descriptors {first['descriptors']}, "
          f"objects {sum(first.values()) - first['threads'] - first['descriptors']} as before; "
          f"resident after {WARM}: {resident / 1024:.1f} MiB, at the end: {last_resident / 1024:.1f} MiB")
    if extra:
        raise SystemExit("left behind: " + ", ".join(extra))
    if last_resident - resident > GROWTH_KIB:
        raise SystemExit(f"resident memory grew from {resident} to {last_resident} KiB")


def main():
    server = Server()
    try:
        cycles(server)
    finally:
        status = server.end()
    if status != 0:
        raise SystemExit(f"the server ended with {status}")


if __name__ == "__main__":
    main()
