# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real server, and the relay that makes a bad line of loopback, as child processes."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request


class Server:
    def __init__(self, port=0):
        self.start(port)

    def start(self, port):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [os.environ["GST_ROOMS_SERVER"], "--listen", f"127.0.0.1:{port}", "--udp-port", "0", "--log-level", "error"],
            stdout=self.log, stderr=self.log)
        found, end = None, time.monotonic() + 30
        while not found and time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http://[\d.]+:(\d+).*udp/(\d+)", self.text())
            time.sleep(0.05)
        if not found:
            raise RuntimeError("the server did not start:\n" + self.text())
        self.port, self.udp_port = int(found.group(1)), int(found.group(2))
        self.url = f"http://127.0.0.1:{self.port}"

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def room(self, name="demo"):
        with urllib.request.urlopen(f"{self.url}/api/rooms/{name}", timeout=10) as answer:
            return json.load(answer)

    def publisher(self, name="demo"):
        """The first participant that publishes, or None."""
        try:
            people = self.room(name)["participants"]
        except urllib.error.HTTPError:
            return None
        return next((one for one in people if "publish" in one), None)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=20)
        self.log.close()


class Relay:
    """127.0.0.1:port leads to the server's media port."""

    def __init__(self, server):
        self.process = subprocess.Popen([os.environ["GST_ROOMS_RELAY"], "--listen", "127.0.0.1:0", "--to",
                                         f"127.0.0.1:{server.udp_port}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline()).group(1))

    def stand_between(self, sdp):
        """The server's answer, with the relay as its only candidate."""
        lines = [line for line in sdp.splitlines() if not line.startswith(("a=candidate", "a=end-of"))]
        ours = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {self.port} typ host"
        return "".join(line + "\r\n" + (ours + "\r\n" if line.startswith("a=ice-pwd") else "") for line in lines)

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()
