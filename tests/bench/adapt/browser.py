# SPDX-License-Identifier: LGPL-2.1-or-later
"""Chromium on one of the hosts, driven by Node beside it: a line of JSON asks, a line answers."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

from machine import BenchError

HERE = Path(__file__).resolve().parent


class Browser:
    def __init__(self, host, origins, camera, log):
        self.host = host
        self.number = 0
        self.log = log.open("ab")
        self.process = subprocess.Popen(
            [*host.prefix, "node", str(HERE / "chromium_host.mjs"), ",".join(origins), str(camera)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True)
        self.group = self.ask(do="start")

    def ask(self, **fields):
        self.number += 1
        try:
            self.process.stdin.write(json.dumps(dict(fields, id=self.number)) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline() or "{}")
        except (OSError, ValueError) as error:
            answer = {"error": str(error)}
        if answer.get("id") != self.number or "error" in answer:
            raise BenchError(f"the browser on host '{self.host.name}': {answer.get('error', 'it has ended')}")
        return answer.get("value")

    def open(self, name, url, script):
        self.ask(do="open", page=name, url=url, script=script)
        return Page(self, name)

    def close(self):
        # Node closes Chromium at the end of its input, so also when we are killed.
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            with contextlib.suppress(OSError):
                os.killpg(self.group, signal.SIGKILL)
        self.log.close()


class Page:
    """A tab; `call` runs a function of window.adapt there and waits for what it promises."""

    def __init__(self, browser, name):
        self.browser = browser
        self.name = name

    def call(self, function, *arguments):
        return self.browser.ask(do="call", page=self.name, function=function, arguments=arguments)

    def close(self):
        self.browser.ask(do="close", page=self.name)
