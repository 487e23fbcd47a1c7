# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-rooms and Janus in turn under the same load."""

import json
import os
import sys
import time

import figures
import load
import machine
import performance_doc
from servers import GstRooms, Janus

TARGETS_OF_BUILD = ("server/gst-rooms-server", "elements/libgstrooms.so",
                    "tests/load/gst-rooms-load")
FIND_LIMIT_PATIENCE = 900


def variants(build):
    return (
        ("ours", lambda: GstRooms(build)),
        ("janus", lambda: Janus()),
        ("janus-loop", lambda: Janus(event_loops=1)),
    )


def plan(options):
    """(load, keys of the servers that get it)"""
    everybody = ("ours", "janus", "janus-loop")
    if options.quick:
        return [(load.Load.broadcast(100), everybody), (load.ROOMS, everybody)]
    growth = [(load.Load.broadcast(n), ("ours",)) for n in (10, 25, 50)]
    broadcast = [(load.Load.broadcast(n), everybody) for n in (100, 200, 400)]
    return growth + broadcast + [(load.ROOMS, everybody)]


def say(text):
    print(text, file=sys.stderr, flush=True)


def short(result):
    if result is None:
        return "failed"
    cost = figures.at(result, "cpu_us_per_packet")
    p99 = figures.at(result, "latency_ms.p99")
    loss = figures.at(result, "loss_percent")
    return f"{cost} us/packet, p99 {p99} ms, loss {loss} %"


def run_loads(options, results):
    for turn in range(options.rounds):
        for one, keys in plan(options):
            for key, make in variants(options.build):
                if key not in keys:
                    continue
                before = machine.wait_until_quiet(options.patience)
                with make() as server:
                    result = load.measure(options.build, server, one, options.warmup,
                                          options.duration)
                say(f"round {turn + 1}: {one.title:>12} {server.name:<22} {short(result)}"
                    f" ({before:.2f} cores busy before)")
                if result is not None:
                    result["busy_cores_before"] = before
                    results["runs"].setdefault(one.key, {}).setdefault(key, []).append(result)


def find_limits(options, results):
    for key, make in variants(options.build):
        machine.wait_until_quiet(options.patience)
        with make() as server:
            result = load.find_limit(options.build, server, FIND_LIMIT_PATIENCE)
        say(f"largest broadcast: {server.name}: {result and result.get('limit')}")
        if result is not None:
            results["runs"].setdefault("limit", {}).setdefault(key, []).append(result)


def run(options):
    machine.install(["janus", "ip", "taskset"])
    if not os.environ.get(machine.INSIDE):
        machine.build(options.build, TARGETS_OF_BUILD)
    if os.cpu_count() < 2:
        raise machine.BenchError("Server and load want a core each, and this machine has one")
    machine.enter_namespace()
    results = {"machine": machine.describe(), "quick": options.quick, "rounds": options.rounds,
               "duration": options.duration, "warmup": options.warmup, "runs": {}}
    began = time.monotonic()
    run_loads(options, results)
    if not options.quick:
        find_limits(options, results)
    results["minutes"] = round((time.monotonic() - began) / 60, 1)
    (options.build / "bench-peers.json").write_text(json.dumps(results, indent=1) + "\n")
    performance_doc.write_peers(options.doc, results)
    print(performance_doc.peers_section(results))
