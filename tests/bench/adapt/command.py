# SPDX-License-Identifier: LGPL-2.1-or-later
"""`./bench adapt`: plays the cases round by round and writes the section."""

import json
import os
import signal
import subprocess
import sys
import time

import machine

from . import report
from .network import make_switch
from .plan import CASES
from .stage import Lab
from .tell import keep_in, say

TOOLS = ("janus", "ip", "taskset", "node", "npm", "chromium", "iptables", "gst-launch-1.0")
BUILD_TARGETS = ("server/gst-rooms-server", "elements/libgstrooms.so", "tests/load/gst-rooms-load",
                 "tests/support/udp-relay")


def chosen(options):
    unknown = [key for key in options.case or () if key not in {case.key for case in CASES}]
    if unknown:
        raise machine.BenchError(f"no case '{unknown[0]}': {', '.join(case.key for case in CASES)}")
    return [case for case in CASES if not options.case or case.key in options.case]


def prepare(options):
    machine.install(TOOLS)
    machine.build(options.build, BUILD_TARGETS)
    browser = machine.ROOT / "tests" / "browser"
    if not (browser / "node_modules").exists():
        command = ["npm", "--prefix", str(browser), "ci", "--no-audit", "--no-fund"]
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            raise machine.BenchError("npm could not install puppeteer")


def play(case, lab, key, turn):
    """What was measured, or what went wrong: a case that fails does not end the others."""
    began = time.monotonic()
    say(f"  round {turn + 1}, {case.key}, {'gst-rooms' if key == 'ours' else 'Janus'}: {case.title}")
    try:
        figures = case.play(lab, key)
    except machine.BenchError as error:
        say(f"    failed: {error}")
        for line in lab.last_words():
            say(f"      | {line}")
        lab.forget_browsers()
        return {"failed": str(error), "seconds": round(time.monotonic() - began)}
    for measure in case.measures:
        value = figures.get(measure.key)
        met = {True: "met", False: "MISSED", None: ""}[measure.is_met(value)]
        say(f"    {measure.title}: {report.cell(value, measure)} ({measure.words()}) {met}")
    return dict(figures, seconds=round(time.monotonic() - began))


def play_all(options, results):
    with Lab(options.build) as lab:
        for turn in range(options.rounds):
            for case in chosen(options):
                for key in ("ours", "janus"):
                    if key == "janus" and (options.without_janus or case.without_janus):
                        continue
                    busy = machine.wait_until_quiet(options.patience)
                    figures = dict(play(case, lab, key, turn), busy_cores_before=busy)
                    results["runs"].setdefault(case.key, {}).setdefault(key, []).append(figures)


def run(options):
    chosen(options)
    if not os.environ.get(machine.INSIDE):
        prepare(options)
    machine.enter_namespace(make_switch)
    # Whoever ends us by a signal gets the same clean end as by Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    keep_in(options.build / "bench-adapt.log")
    results = {"machine": machine.describe(), "rounds": options.rounds, "runs": {}}
    began = time.monotonic()
    play_all(options, results)
    results["minutes"] = round((time.monotonic() - began) / 60, 1)
    (options.build / "bench-adapt.json").write_text(json.dumps(results, indent=1) + "\n")
    text = report.section(results)
    print(text)
    if options.case:
        say("Some cases only: docs are left as they are")
    else:
        report.write(options.doc, text)
