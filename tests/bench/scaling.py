# SPDX-License-Identifier: LGPL-2.1-or-later
"""How cost and capacity change when the server may use a second core."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import figures
import load
import machine
import performance_doc
from peers import TARGETS_OF_BUILD
from servers import GstRooms

TICK = os.sysconf("SC_CLK_TCK")
LOADS = (load.Load.broadcast(300), load.Load("publishers", "8 rooms of 6", ("--rooms", "8", "--size", "6")))


@dataclass
class Run:
    cost: float | None
    p99: float | None
    loss: float | None
    busy: list  # CPU seconds of each network thread

    @property
    def balance(self):
        """1: the threads did the same; 0.5 of two: one did all."""
        return sum(self.busy) / (len(self.busy) * max(self.busy)) if self.busy and max(self.busy) else None

    @property
    def capacity(self):
        """Packets a second of the cores that the threads have, were they theirs alone."""
        if self.cost is None or self.balance is None:
            return None
        return len(self.busy) * 1e6 / self.cost * self.balance


def network_seconds(pid):
    """CPU seconds by network thread of the process."""
    seconds = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue  # it has ended
        if name.startswith("network-"):
            fields = rest.split()
            seconds[name] = (int(fields[11]) + int(fields[12])) / TICK
    return seconds


def measure(options, one, workers):
    with GstRooms(options.build, workers=workers) as server:
        busy = {}

        def watch():
            time.sleep(options.warmup + 2)
            before = network_seconds(server.pid)
            time.sleep(max(1, options.duration - 3))
            after = network_seconds(server.pid)
            busy.update({name: after[name] - before.get(name, 0) for name in after})

        watcher = threading.Thread(target=watch)
        watcher.start()
        result = load.measure(options.build, server, one, options.warmup, options.duration,
                              spin=workers < os.cpu_count())
        watcher.join()
    return Run(figures.at(result, "cpu_us_per_packet"), figures.at(result, "latency_ms.p99"),
               figures.at(result, "loss_percent"), list(busy.values()))


def row(one, workers, run, alone):
    cell = performance_doc.cell
    factor = run.capacity / alone.capacity if run.capacity and alone.capacity else None
    return [one.title, str(workers), cell(run.cost, 2), cell(run.balance, 2),
            "–" if run.capacity is None else f"{run.capacity / 1000:.0f} 000", cell(factor, 2),
            cell(run.p99, 2), cell(run.loss, 2)]


def section(of, rows):
    header = ["load", "--workers", "CPU µs/packet", "balance", "packets/s it has room for", "factor", "p99 ms", "loss %"]
    return f"""## One core and two, {of['date']}

gst-rooms {of['gst-rooms']} on {of['processor']}, Linux {of['kernel']}. The load generator shares the second core, so \
capacity is not what two cores carried here but what they have room for: cores / cost × balance. Balance is the mean \
over the maximum of what the network threads used; 1 is an even division. One publisher with a large audience is divided \
by `sfurouter` itself, many publishers by the kernel (SO_REUSEPORT).

{performance_doc.table(header, rows)}
"""


def run(options):
    machine.install(["ip", "taskset"])
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    machine.enter_namespace()
    rows = []
    for one in LOADS:
        alone = None
        for workers in range(1, min(2, os.cpu_count()) + 1):
            machine.wait_until_quiet(options.patience)
            result = measure(options, one, workers)
            alone = alone or result
            rows.append(row(one, workers, result, alone))
            print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    text = section(machine.describe(), rows)
    performance_doc.write_section(options.doc, "scaling", text)
    print(text)
