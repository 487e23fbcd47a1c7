# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine a measurement runs on: what it is, what it needs installed, a network of its own."""

import ctypes
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "10.99.0.1"
SERVER_CORE = 0
LOAD_CORE = 1

# command -> Debian package, why
TOOLS = {
    "janus": ("janus", "the server to compare with"),
    "perf": ("linux-perf", "samples of what the server does"),
    "ip": ("iproute2", "a network namespace"),
    "clang++": ("clang", "libFuzzer"),
    "node": ("nodejs", "drives the browser"),
    "npm": ("npm", "puppeteer"),
    "chromium": ("chromium", "publishes and watches"),
    "iptables": ("iptables", "loss"),
    "gst-launch-1.0": ("gstreamer1.0-tools", "makes the picture that the fake camera shows"),
    "taskset": ("util-linux", "one core each for server and load"),
    "obs": ("obs-studio", "streams to a room"),
    "Xvfb": ("xvfb", "a screen for OBS"),
    "nginx": ("nginx", "takes RTMP"),
    "ffmpeg": ("ffmpeg", "films to send, and a look at what came"),
    "ffprobe": ("ffmpeg", "films to send, and a look at what came"),
}
BENCHMARK_HEADER = Path("/usr/include/benchmark/benchmark.h")
RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
INSIDE = "GST_ROOMS_BENCH_NAMESPACE"
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Says what is wrong and what to do."""


def install(commands, google_benchmark=False):
    """Debian packages of what is missing: a dialogue of one line each, no question."""
    wanted = {TOOLS[c][0]: TOOLS[c][1] for c in commands if not shutil.which(c)}
    if google_benchmark and not BENCHMARK_HEADER.exists():
        wanted["libbenchmark-dev"] = "Google Benchmark"
    if "nginx" in commands and not RTMP_MODULE.exists():
        wanted["libnginx-mod-rtmp"] = "RTMP for nginx"
    if not wanted:
        return
    for package, why in wanted.items():
        print(f"Installing {package}: {why}", file=sys.stderr)
    apt = ["apt-get", "-qq"] if os.geteuid() == 0 else ["sudo", "apt-get", "-qq"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *wanted]):
        if subprocess.run(apt + arguments, env=environment, stdout=sys.stderr).returncode != 0:
            raise BenchError("apt could not install " + " ".join(wanted))


def build(directory, targets):
    """An optimised build apart from the one for development."""
    if not (directory / "build.ninja").exists():
        print(f"Configuring {directory}", file=sys.stderr)
        setup = ["meson", "setup", str(directory), str(ROOT), "--buildtype=release"]
        if subprocess.run(setup, stdout=subprocess.DEVNULL).returncode != 0:
            raise BenchError(f"meson setup failed: {' '.join(setup)}")
    if subprocess.run(["ninja", "-C", str(directory), *targets], stdout=sys.stderr).returncode != 0:
        raise BenchError("The build failed: see above")


def enter_namespace(set_up=None):
    """Starts this program again in a network namespace of its own, which lives as long as its last
    process: nothing is left behind, whatever ends us. There `set_up` makes the network."""
    if os.environ.get(INSIDE):
        (set_up or set_up_network)()
        return
    command = ["unshare", "--net"]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    os.environ[INSIDE] = "1"
    sys.stdout.flush()
    os.execvp(command[0], command + [sys.executable, *sys.argv])


def set_up_network():
    # Janus's libnice takes neither loopback addresses nor interfaces called veth*. The peer end
    # needs no address: packets from an address of this host to itself go through lo.
    for command in (
        "link set lo up",
        "link add eth0 type veth peer name eth1",
        f"address add {ADDRESS}/24 dev eth0",
        "link set eth0 up",
        "link set eth1 up",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def ends_with_parent():
    """For a child before exec: it does not survive us."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def package_version(package):
    return output_of("dpkg-query", "-W", "-f", "${Version}", package) or "?"


def describe():
    processor = "?"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    dirty = " with local changes" if output_of("git", "-C", str(ROOT), "status", "-s", "-uno") else ""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "processor": f"{processor}, {os.cpu_count()} cores",
        "kernel": platform.release(),
        "system": release.get("PRETTY_NAME", "?").strip('"'),
        "gst-rooms": (output_of("git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD") or "?") + dirty,
        "GStreamer": package_version("libgstreamer1.0-0"),
        "OpenSSL": package_version("libssl3"),
        "Janus": package_version("janus"),
        "Chromium": package_version("chromium"),
    }


def processor_times():
    """(used, all) seconds of all cores since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(field) for field in stat.readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICKS, sum(fields) / TICKS


def cpu_seconds(pid):
    """That a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def busy_cores(seconds=1.0):
    """Cores that others keep busy at present. (A load average remembers our own last run for minutes.)"""
    used, whole = processor_times()
    time.sleep(seconds)
    used_then, whole_then = processor_times()
    return os.cpu_count() * (used_then - used) / max(whole_then - whole, 1 / TICKS)


def wait_until_quiet(patience, limit=0.1):
    """Returns the cores that others keep busy when it was given up, or quiet."""
    end = time.monotonic() + patience
    while (busy := busy_cores()) > limit and time.monotonic() < end:
        pass
    return busy
