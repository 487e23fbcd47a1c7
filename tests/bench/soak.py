# SPDX-License-Identifier: LGPL-2.1-or-later
"""The long versions of tests: many joins and leaves, fuzzers for minutes, suites under sanitizers."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine

ROOT = machine.ROOT
FUZZED = sorted(one.stem.removesuffix("_fuzzer") for one in (ROOT / "tests" / "fuzz").glob("*_fuzzer.cc"))
# What stays inside GLib and GStreamer for the life of a process is no leak of ours; the `leaks` tracer of the
# cycles watches objects.
ADDRESS = {"ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1:abort_on_error=1",
           "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1", "G_SLICE": "always-malloc"}
THREAD = {"TSAN_OPTIONS": "halt_on_error=1"}


def configure(directory, *options, compiler=None):
    if (directory / "build.ninja").exists():
        return
    print(f"Configuring {directory}", file=sys.stderr)
    environment = dict(os.environ, CXX=compiler) if compiler else None
    setup = ["meson", "setup", str(directory), str(ROOT), "-Dbench=disabled", *options]
    if subprocess.run(setup, stdout=sys.stderr, env=environment).returncode != 0:
        raise machine.BenchError(f"meson setup failed: {' '.join(setup)}")


def must(command, why, **more):
    if subprocess.run([str(word) for word in command], **more).returncode != 0:
        raise machine.BenchError(why)


def browser_tests():
    """Where they are, ready to run."""
    folder = ROOT / "tests" / "browser"
    must(["npm", "--prefix", folder, "ci", "--no-audit", "--no-fund"], "npm could not install puppeteer", stdout=sys.stderr)
    return folder


def browsers(options):
    """Every test with real clients, those too that ./test leaves out for the time they take."""
    machine.build(options.build, ["server/gst-rooms-server", "elements/libgstrooms.so", "tools/gst-rooms-verify"])
    environment = dict(os.environ, GST_ROOMS_BUILD=str(options.build), GST_ROOMS_THOROUGH="1")
    folder = browser_tests()
    for script in ("run_network.mjs", "run.mjs"):
        must(["node", folder / script], "A test failed: see above", env=environment)


def cycles(options):
    """Real connections by gst-rooms-load, then clients with data channels in Chromium."""
    targets = ["server/gst-rooms-server", "tests/load/gst-rooms-load", "elements/libgstrooms.so"]
    machine.build(options.build, targets)
    load, server, elements = (options.build / one for one in (targets[1], targets[0], "elements"))
    must([ROOT / "tests/load/cycles.py", load, server, elements, options.build / "registry.bin", options.joins],
         "Something was left behind: see above")
    browser = browser_tests()
    must(["node", browser / "run.mjs", "joins and leaves"], "Something was left behind: see above",
         env=dict(os.environ, GST_ROOMS_BUILD=str(options.build), GST_ROOMS_CYCLES=str(options.joins),
                  GST_ROOMS_LONGEST_TEST=str(60 + 2 * options.joins)))


def seeds_of(target):
    return ROOT / "tests" / ("data/sdp" if target == "sdp" else f"fuzz/corpus/{target}")


def fuzz(options):
    unknown = set(options.targets) - set(FUZZED)
    if unknown:
        raise machine.BenchError(f"no fuzzer '{min(unknown)}': {', '.join(FUZZED)}")
    machine.install(["clang++"])
    directory = ROOT / "build-fuzz"
    configure(directory, "-Dfuzz=true", "-Dtests=disabled", "-Dserver=disabled", compiler="clang++")
    targets = options.targets or FUZZED
    must(["ninja", "-C", directory, *(f"tests/fuzz/{one}_fuzzer" for one in targets)], "The build failed: see above",
         stdout=sys.stderr)
    found = Path(tempfile.mkdtemp(prefix="gst-rooms-fuzz-"))
    bad = []
    for target in targets:
        artifacts, corpus, log = found / "artifacts", found / target, found / f"{target}.log"
        artifacts.mkdir(exist_ok=True)
        corpus.mkdir()
        with log.open("w") as out:
            done = subprocess.run(
                [directory / f"tests/fuzz/{target}_fuzzer", f"-max_total_time={options.seconds}", "-rss_limit_mb=4096",
                 "-timeout=20", f"-artifact_prefix={artifacts}/{target}-", corpus, seeds_of(target)],
                stdout=out, stderr=subprocess.STDOUT)
        text = log.read_text(errors="replace")
        runs = re.search(r"Done (\d+) runs", text)
        coverage = re.findall(r"cov: (\d+)", text)
        print(f"{target}: {runs[1] if runs else '?'} runs, coverage {coverage[-1] if coverage else '?'}, "
              f"{'nothing found' if done.returncode == 0 else 'FOUND, see ' + str(log)}", flush=True)
        if done.returncode != 0:
            bad.append(target)
    if bad:
        raise machine.BenchError(f"findings of {', '.join(bad)} in {artifacts}")
    shutil.rmtree(found)


def suites(directory, names, environment):
    log = directory / "meson-logs"
    command = ["meson", "test", "-C", str(directory), "--no-rebuild", "--timeout-multiplier", "10", "--num-processes", "1"]
    for name in names:
        command += ["--suite", name]
    began = time.monotonic()
    done = subprocess.run(command, env=dict(os.environ, **environment))
    print(f"{', '.join(names)}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    if done.returncode != 0:
        raise machine.BenchError(f"failures in {', '.join(names)}: {log}/testlog.txt")


def sanitize(options):
    """Address and undefined behaviour everywhere; threads in gst/core alone, since GLib is not instrumented."""
    common = ["-Db_lundef=false", "-Doptimization=1", "-Ddebug=true", "-Dtests=enabled"]
    directory = ROOT / "build-asan"
    configure(directory, "-Db_sanitize=address,undefined", "-Dserver=enabled", *common)
    must(["ninja", "-C", directory], "The build failed: see above", stdout=sys.stderr)
    suites(directory, options.suites or ["core", "transport", "elements", "pipelines", "server"], ADDRESS)
    if options.suites and "core" not in options.suites:
        return
    directory = ROOT / "build-tsan"
    configure(directory, "-Db_sanitize=thread", "-Dserver=disabled", *common)
    must(["meson", "compile", "-C", directory, "rtp_test", "sdp_test", "room_core_test", "wire_test", "srtp_peer_test"],
         "The build failed: see above", stdout=sys.stderr)
    suites(directory, ["core"], THREAD)
