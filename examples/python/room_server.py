#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A conference room with a web server of thirty lines: offers and answers in, media by roombin. No gst-rooms-server.

    room_server.py [PORT] [SECONDS]

POST an offer to /whip/NAME to send (OBS, ffmpeg, roomsink, a browser), to /whep/NAME to watch; DELETE the Location to leave. With
SECONDS it also shows that it works: a roomsink sends, a roomsrc watches, and the pictures that came are counted.
"""
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

Gst.init(None)
pipeline = Gst.parse_launch("roombin name=room udp-port=0")
room = pipeline.get_by_name("room") if isinstance(pipeline, Gst.Pipeline) else pipeline


class Signalling(BaseHTTPRequestHandler):
    def do_POST(self):
        kind, name = self.path.strip("/").split("/", 1)
        offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
        who = name if kind == "whip" else f"{name}-watches"
        room.emit("add-participant", who, name)
        answer = room.emit("publish", who, offer) if kind == "whip" else room.emit("subscribe", who, offer, None)
        if answer is None:
            return self.reply(400, room.get_property("last-error"))
        self.reply(201, answer, {"Content-Type": "application/sdp", "Location": f"/people/{who}"})

    def do_DELETE(self):
        room.emit("remove-participant", self.path.rsplit("/", 1)[1])
        self.reply(200, "")

    def do_PATCH(self):
        self.reply(405, "Candidates are not needed: they are in the answer.")

    def reply(self, status, text, headers=None):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text.encode())), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def tell(_room, *facts):
    print(*facts, flush=True)


def demonstrate(port, seconds):
    """Somebody who sends, somebody who watches; True when pictures came."""
    came = []
    people = Gst.parse_launch(f"""
        videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! roomsink uri=http://127.0.0.1:{port}/whip/ada
        roomsrc uri=http://127.0.0.1:{port}/whep/bob audio-sections=0 video-sections=1
            ! fakesink name=out signal-handoffs=true""")
    people.get_by_name("out").connect("handoff", lambda *_: came.append(1))
    people.set_state(Gst.State.PLAYING)
    people.get_bus().timed_pop_filtered(seconds * Gst.SECOND, Gst.MessageType.ERROR)
    people.set_state(Gst.State.NULL)
    print(f"bob has seen {len(came)} pictures of ada")
    return len(came) > 10


for signal in ("participant-joined", "participant-left", "track-added"):
    room.connect(signal, tell)
pipeline.set_state(Gst.State.PLAYING)
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8080), Signalling)
print(f"http://127.0.0.1:{server.server_port}/whip/NAME, /whep/NAME; media on UDP port {room.get_property('udp-port')}", flush=True)
went_well = True
if len(sys.argv) > 2:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    went_well = demonstrate(server.server_port, int(sys.argv[2]))
else:
    server.serve_forever()
server.server_close()
pipeline.set_state(Gst.State.NULL)
sys.exit(0 if went_well else 1)
