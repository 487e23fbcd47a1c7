#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A room for RTSP players: what all of them show, as rtsp://127.0.0.1:PORT/room.

    rtsp_bridge.py [PORT] [SECONDS]

Needs gir1.2-gst-rtsp-server-1.0. With SECONDS it also plays what it offers, and counts the pictures.
"""
import sys

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402, F401

Gst.init(None)
pipeline = Gst.parse_launch("""
    roombin name=room udp-port=0
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! vp8enc deadline=1 cpu-used=8 ! room.sink_0
    room.mix_video ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au
        ! appsink name=mix emit-signals=true sync=false""")
players = []  # appsrcs of those that play


def on_picture(sink):
    buffer = sink.emit("pull-sample").get_buffer()
    for source in players:
        # Without the times of this pipeline: each gets those of its player.
        source.emit("push-buffer", Gst.Buffer.new_wrapped(buffer.extract_dup(0, buffer.get_size())))
    return Gst.FlowReturn.OK


def on_player(_factory, media):
    source = media.get_element().get_by_name("pictures")
    players.append(source)
    media.connect("unprepared", lambda _: players.remove(source))


pipeline.get_by_name("mix").connect("new-sample", on_picture)
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch("( appsrc name=pictures is-live=true do-timestamp=true format=time block=false max-bytes=2000000 leaky-type=downstream "
                   "caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse ! rtph264pay name=pay0 pt=96 )")
factory.set_shared(True)
factory.connect("media-configure", on_player)
server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1] if len(sys.argv) > 1 else "8554")
server.get_mount_points().add_factory("/room", factory)
server.attach(None)
address = f"rtsp://127.0.0.1:{server.get_bound_port()}/room"
print(address, flush=True)
pipeline.set_state(Gst.State.PLAYING)
loop = GLib.MainLoop()
came = []
player = None
if len(sys.argv) > 2:
    player = Gst.parse_launch(f"rtspsrc location={address} latency=100 ! rtph264depay ! fakesink name=out signal-handoffs=true sync=false")
    player.get_by_name("out").connect("handoff", lambda *_: came.append(1))
    player.set_state(Gst.State.PLAYING)
    GLib.timeout_add_seconds(int(sys.argv[2]), loop.quit)
loop.run()
if player:
    player.set_state(Gst.State.NULL)
pipeline.set_state(Gst.State.NULL)
print(f"{len(came)} pictures were played")
sys.exit(0 if len(came) > 10 else 1)
