# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a case is played: hosts and browsers that stay for all cases, a server and tabs for each."""

import subprocess
import tempfile
import time
from pathlib import Path

import machine
from servers import GstRooms, Janus

from .browser import Browser
from .network import HOSTS, NETWORK, SWITCH, Host, must
from .notes import LineNotes, PictureNotes, ServerNotes
from .relay import Relay

HTTP_PORT = 9200
MEDIA_PORTS = (9220, 9239)
ROOM = "adapt"
# Chromium sends three layers from this size on, and two cores have to encode and decode it.
SIZE = {"width": 960, "height": 540, "fps": 20}
SECONDS_OF_PICTURE = 4
SERVER_ADDRESS = f"{NETWORK}.{HOSTS['server']}"


def layers(*rows):
    """(rid, scale, kbit/s) of each, low to high."""
    return [{"rid": rid, "scaleResolutionDownBy": scale, "maxBitrate": rate * 1000, "scalabilityMode": "L1T3"}
            for rid, scale, rate in rows]


# What the top layer takes is far from what the middle one takes: a line of 500 kbit/s carries the middle one.
THREE = layers(("q", 4, 100), ("h", 2, 320), ("f", 1, 1200))
WIDTHS = (240, 480, 960)


class OnOneHost:
    """Mixed into a server: it runs on the host 'server', on any core."""

    address = SERVER_ADDRESS
    port = HTTP_PORT
    cores = "0,1"

    def on(self, host):
        self.prefix = host.prefix
        return self


class OurServer(OnOneHost, GstRooms):
    key = "ours"

    def __init__(self, build, options):
        super().__init__(build, options=("--udp-port", str(MEDIA_PORTS[0]), *options))
        self.cores = OnOneHost.cores


class JanusServer(OnOneHost, Janus):
    key = "janus"

    def __init__(self):
        super().__init__(media_ports=f"{MEDIA_PORTS[0]}-{MEDIA_PORTS[1]}")


def until(what, ask, within=30, describe=None):
    end = time.monotonic() + within
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    raise machine.BenchError(f"{what}: not within {within} s" + (f"; instead: {describe()}" if describe else ""))


def make_camera(file):
    """A picture with enough in it that encoders need the bit rates they are given: a loop of some seconds."""
    width, height, fps = SIZE["width"], SIZE["height"], SIZE["fps"]
    must("gst-launch-1.0", "-q", "videotestsrc", f"num-buffers={fps * SECONDS_OF_PICTURE}", "pattern=zone-plate",
         "kx2=14", "ky2=10", "kt=4", "!", f"video/x-raw,format=I420,width={width},height={height},framerate={fps}/1",
         "!", "y4menc", "!", "filesink", f"location={file}")


class Lab:
    """Hosts, browsers, the camera's film. A context: leaves nothing behind."""

    def __init__(self, build):
        self.build = build
        self.directory = Path(tempfile.mkdtemp(prefix="gst-rooms-adapt-"))
        self.camera = self.directory / "camera.y4m"
        self.log = self.directory / "browsers.log"
        self.hosts = {}
        self.browsers = {}

    def __enter__(self):
        make_camera(self.camera)
        for name in HOSTS:
            self.hosts[name] = Host(name)
        return self

    def __exit__(self, *_):
        for one in [*self.browsers.values(), *self.hosts.values()]:
            one.close()
        subprocess.run(["rm", "-rf", str(self.directory)])

    def browser(self, name):
        """Chromium on that host."""
        if name not in self.browsers:
            origin = f"http://{SERVER_ADDRESS}:{HTTP_PORT}"
            self.browsers[name] = Browser(self.hosts[name], [origin], self.camera, self.log)
        return self.browsers[name]

    def last_words(self):
        """Of the browsers."""
        return self.log.read_text(errors="replace").splitlines()[-10:] if self.log.exists() else []

    def forget_browsers(self):
        """They may be in the middle of something: the next case gets new ones."""
        for one in self.browsers.values():
            one.close()
        self.browsers.clear()


class Stage:
    """A server in the lab, and who is in its room. A context: afterwards the lab is as before."""

    def __init__(self, lab, key, options=()):
        self.lab = lab
        self.key = key
        self.server = OurServer(lab.build, options) if key == "ours" else JanusServer()
        self.server.on(lab.hosts["server"])
        self.pages = []
        self.relay = None
        self.notes = []
        self.viewers = {}
        self.publisher = None

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *_):
        for one in self.notes:
            one.stop()
        try:
            for page in self.pages:
                page.close()
        except machine.BenchError:
            self.lab.forget_browsers()
        if self.relay:
            self.relay.close()
        self.server.__exit__()
        for host in self.lab.hosts.values():
            host.restore()

    def host(self, name):
        return self.lab.hosts[name]

    def _page(self, host, name):
        base = f"http://{SERVER_ADDRESS}:{HTTP_PORT}"
        url, script = (f"{base}/rooms-events.js", "rooms.js") if self.key == "ours" else (f"{base}/janus/info", "janus.js")
        page = self.lab.browser(host).open(name, url, script)
        self.pages.append(page)
        return page

    def delay(self, host, settings):
        """From now on what that host sends by UDP, and gets, goes by the relay. Before it watches."""
        self.relay = Relay(self.lab.build, SERVER_ADDRESS, MEDIA_PORTS, settings)
        self.host(host).send_by(SWITCH, SERVER_ADDRESS)

    def publish(self, encodings=THREE, cameras=1):
        self.publisher = self._page("publisher", "publisher")
        self.publisher.call("publish", ROOM, "publisher",
                            {"encodings": encodings, "cameras": cameras, "size": SIZE})
        # Not all layers: ours asks for those that somebody watches.
        until("the publisher sends", lambda: any(one["framesEncoded"] > 0 for one in self.publisher.call("sent")),
              describe=lambda: self.publisher.call("sent"))

    def wait_for_width(self, notes, width, within=30):
        """Browsers start low and grow: what is judged begins when the viewer has the best. If it does not come, the
        case goes on and shows it."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            notes.take()
            if all(notes.samples[track][-1]["frameWidth"] >= width for track in notes.tracks):
                return
            time.sleep(0.2)

    def watch(self, host="viewer", name="viewer", cameras=1):
        page = self._page(host, name)
        page.call("watch", ROOM, name, cameras)
        notes = PictureNotes(page)
        until(f"{name} sees {cameras} pictures", lambda: notes.see(cameras))
        self.viewers[name] = notes
        return notes

    def watch_line(self, host="viewer"):
        return self._keep(LineNotes(self.host(host)))

    def watch_server(self):
        """What our server says of its room; nobody else's server says that."""
        return self._keep(ServerNotes(f"{self.server.url}/api/rooms/{ROOM}")) if self.key == "ours" else None

    def _keep(self, notes):
        self.notes.append(notes)
        notes.start()
        return notes
