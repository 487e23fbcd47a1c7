# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/support's udp-relay as a process: delay, which this kernel's qdiscs do not have."""

import json
import subprocess

from machine import BenchError, ends_with_parent

from .network import SWITCH


class Relay:
    """On the switch, between a host that sends by it and the server."""

    def __init__(self, build, server, ports, settings):
        first, last = ports
        command = [str(build / "tests" / "support" / "udp-relay"), "--listen", f"{SWITCH}:{first}-{last}",
                   "--to", f"{server}:{first}", "--up", settings, "--down", settings]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=ends_with_parent)
        if not self.process.stdout.readline().startswith("listening"):
            raise BenchError("udp-relay did not start")

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer.startswith("error") or not answer:
            raise BenchError(f"udp-relay: {line}: {answer}")
        return answer

    def counters(self):
        return json.loads(self.tell("counters"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
