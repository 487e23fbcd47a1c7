# SPDX-License-Identifier: LGPL-2.1-or-later
"""The servers that are compared: each is a context that runs one on its core and knows its pid."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from machine import ADDRESS, SERVER_CORE, BenchError, ends_with_parent

START_PATIENCE = 15


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=1).read()
        return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Server:
    """Ended by its pid on exit."""

    name = ""
    kind = ""  # what gst-rooms-load calls it
    process = None
    cores = str(SERVER_CORE)
    address = ADDRESS
    prefix = ()  # before the command, to run it on another host
    port = 0

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="gst-rooms-bench-"))
        self.log = self.directory / "server.log"

    def __enter__(self):
        # Janus needs several descriptors a connection.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        command, environment = self.command()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.prefix, "taskset", "--cpu-list", self.cores, *command],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=dict(os.environ, **environment), preexec_fn=ends_with_parent)
        end = time.monotonic() + START_PATIENCE
        while not answers(self.ready_url()):
            if self.process.poll() is not None or time.monotonic() > end:
                last_words = self.log.read_text(errors="replace")[-2000:]
                self.__exit__()
                raise BenchError(f"{self.name} did not start:\n{last_words}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid


class GstRooms(Server):
    name = "gst-rooms"
    kind = "gst-rooms"
    port = 8080

    def __init__(self, build, workers=1, options=("--last-n", "all", "--loudest", "all")):
        """By default everything to everybody, as peers do."""
        super().__init__()
        self.build = build
        self.workers = workers
        self.options = options
        self.cores = ",".join(str((SERVER_CORE + i) % os.cpu_count()) for i in range(workers))

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def ready_url(self):
        return self.url + "/"

    def command(self):
        return [
            str(self.build / "server" / "gst-rooms-server"),
            "--listen", f"{self.address}:{self.port}",
            "--udp-port", "8443",
            "--workers", str(self.workers),
            "--max-participants", "2000",
            # Two browsers would not use the server at all.
            "--topology", "sfu",
            *self.options,
            "--log-level", "error",
        ], {
            "GST_PLUGIN_PATH": str(self.build / "elements"),
            "GST_REGISTRY": str(self.build / "registry.bin"),
        }


# Debian's janus.jcfg leaves everything below nat and media at its default too, but for ice_lite:
# as a server with a reachable address is run, and as ours is.
JANUS_CORE = """general: {{
  configs_folder = "{configs}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  events_folder = "{library}/events"
  loggers_folder = "{library}/loggers"
  debug_level = 2
  {event_loops}
}}
nat: {{
  ice_lite = true
  ice_enforce_list = "eth0"
}}
media: {{ {media_ports} }}
plugins: {{ disable = "{other_plugins}" }}
transports: {{ disable = "{other_transports}" }}
"""
JANUS_HTTP = """general: {{
  json = "compact"
  base_path = "/janus"
  http = true
  port = {port}
  ip = "{address}"
  https = false
}}
admin: {{ admin_http = false  admin_https = false }}
"""


class Janus(Server):
    kind = "janus"
    port = 8088

    def __init__(self, event_loops=0, media_ports=None, plugin="videoroom"):
        super().__init__()
        self.plugin = plugin
        if plugin == "audiobridge":
            self.kind = "janus-audiobridge"
        self.event_loops = event_loops
        self.media_ports = media_ports
        self.name = f"Janus, event_loops={event_loops}" if event_loops else "Janus, stock"

    @property
    def url(self):
        return f"http://{self.address}:{self.port}/janus"

    def ready_url(self):
        return self.url + "/info"

    def command(self):
        library = next(Path("/usr/lib").glob("*/janus"))

        def all_but(kept, folder):
            return ",".join(sorted(p.name for p in (library / folder).glob("*.so") if p.name != kept))

        configs = self.directory / "config"
        configs.mkdir()
        (configs / "janus.jcfg").write_text(JANUS_CORE.format(
            configs=configs, library=library,
            media_ports=f'rtp_port_range = "{self.media_ports}"' if self.media_ports else "",
            event_loops=f"event_loops = {self.event_loops}" if self.event_loops else "",
            other_plugins=all_but(f"libjanus_{self.plugin}.so", "plugins"),
            other_transports=all_but("libjanus_http.so", "transports")))
        (configs / "janus.transport.http.jcfg").write_text(
            JANUS_HTTP.format(port=self.port, address=self.address))
        (configs / "janus.plugin.videoroom.jcfg").write_text("general: { events = false }\n")
        return ["janus", "-F", str(configs), "-C", str(configs / "janus.jcfg")], {}

    def request(self, path, **fields):
        body = json.dumps(dict(fields, transaction="bench")).encode()
        with urllib.request.urlopen(self.url + path, data=body, timeout=5) as response:
            return json.load(response)
