# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hosts on one switch. Each is a network namespace without a name that lives as long as the process which keeps
it; the switch is in the namespace this program runs in. So the kernel takes everything away, whatever ends us.

        server 10.78.0.1 ── eth0 ┐             ┌ eth0 ── publisher 10.78.0.2
                             to-server ═ switch ═ to-publisher
        viewer 10.78.0.3 ── eth0 ┘    │10.78.0.254    ..
                             to-viewer  relay (only where a case wants delay)
"""

import json
import subprocess

from machine import BenchError, ends_with_parent

NETWORK = "10.78.0"
SWITCH = f"{NETWORK}.254"
HOSTS = {"server": 1, "publisher": 2, "viewer": 3, "others": 4}
# What waits before a narrow line: longer than anything a good sender lets happen, so that it shows.
QUEUE = "400ms"


def must(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(str(word) for word in command)}: {done.stderr.strip()}")
    return done.stdout


def make_switch():
    """Once, in the namespace that this program has to itself."""
    must("ip", "link", "set", "lo", "up")
    must("ip", "link", "add", "switch", "type", "bridge")
    must("ip", "address", "add", f"{SWITCH}/24", "dev", "switch")
    must("ip", "link", "set", "switch", "up")


class Host:
    """`prefix` before a command runs it there."""

    def __init__(self, name):
        self.name = name
        self.address = f"{NETWORK}.{HOSTS[name]}"
        self.port = f"to-{name}"[:15]
        # Ctrl-C in a terminal is for us alone: it has to be there while we take leave.
        self.keeper = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       start_new_session=True, preexec_fn=ends_with_parent)
        self.keeper.stdin.write(b".")
        self.keeper.stdin.flush()
        self.keeper.stdout.read(1)  # it runs, so its namespace is there
        self.prefix = ["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net"]
        must("ip", "link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", self.keeper.pid)
        must("ip", "link", "set", self.port, "master", "switch", "up")
        for words in ("link set lo up", f"address add {self.address}/24 dev eth0", "link set eth0 up",
                      # Browsers look for the address of the default route.
                      f"route add default via {SWITCH}"):
            self.run("ip", *words.split())

    def run(self, *command):
        return must(*self.prefix, *command)

    def limit_down(self, rate):
        """From now on its line carries `rate` (such as `1mbit`) towards it."""
        # A larger burst would let a probe pass at once, and the line would look wider than it is.
        must("tc", "qdisc", "replace", "dev", self.port, "root", "tbf", "rate", rate, "burst", "2kb", "latency", QUEUE)

    def line(self):
        """Counters of what limit_down made: bytes, drops, backlog (bytes that wait)."""
        found = json.loads(must("tc", "-s", "-j", "qdisc", "show", "dev", self.port, "root"))[0]
        return {key: found.get(key, 0) for key in ("bytes", "packets", "drops", "backlog")}

    def lose(self, share, source=None):
        """That share (0..1) of UDP is lost on its way into the host; of what comes from `source` only, if given."""
        self.run("iptables", "-I", "INPUT", "-p", "udp", *(["-s", source] if source else []), "-m", "statistic",
                 "--mode", "random", "--probability", share, "-j", "DROP")

    def lost(self):
        for line in self.run("iptables", "-L", "INPUT", "-v", "-x", "-n").splitlines():
            if "statistic" in line:
                return int(line.split()[0])
        return 0

    def send_by(self, relay, server):
        """UDP to the server goes to the relay instead, to the same port; for what begins from now on."""
        self.run("iptables", "-t", "nat", "-A", "OUTPUT", "-p", "udp", "-d", server, "-j", "DNAT",
                 "--to-destination", relay)

    def restore(self):
        """No loss, no limit, no detour."""
        self.run("iptables", "-F")
        self.run("iptables", "-t", "nat", "-F")
        subprocess.run(["tc", "qdisc", "delete", "dev", self.port, "root"], capture_output=True)

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()
