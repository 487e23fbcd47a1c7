#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An encoder that follows what the way to its peer carries: vp8enc ! webrtcbin, with twccbwe as webrtcbin's aux sender.

The peer is a second webrtcbin of this process; put a signalling channel of yours in place of exchange().
"""
import sys

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstWebRTC  # noqa: E402

CAPS = ("application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96,rtcp-fb-transport-cc=(boolean)true,"
        "extmap-1=(string)http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01")
Gst.init(None)
pipeline = Gst.parse_launch(f"""
    webrtcbin name=sender bundle-policy=max-bundle   webrtcbin name=receiver bundle-policy=max-bundle
    videotestsrc is-live=true pattern=snow ! video/x-raw,width=128,height=96,framerate=15/1
    ! vp8enc name=encoder deadline=1 end-usage=cbr target-bitrate=300000 ! rtpvp8pay pt=96 ! {CAPS} ! sender.""")
sender, receiver, encoder = (pipeline.get_by_name(name) for name in ("sender", "receiver", "encoder"))
estimator = Gst.ElementFactory.make("twccbwe")


def follow(bwe, _spec):
    bitrate = bwe.get_property("estimated-bitrate")
    print(f"{bitrate // 1000} kbit/s", flush=True)
    encoder.set_property("target-bitrate", bitrate * 9 // 10)  # the rest is for headers and repair


def exchange(here, there, kind):
    promise = Gst.Promise.new()
    here.emit(f"create-{kind}", None, promise)
    promise.wait()
    reply = promise.get_reply()  # owns the description
    here.emit("set-local-description", reply.get_value(kind), Gst.Promise.new())
    there.emit("set-remote-description", reply.get_value(kind), Gst.Promise.new())


def show(_bin, pad):
    pipeline.add(sink := Gst.ElementFactory.make("fakesink"))
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


estimator.connect("notify::estimated-bitrate", follow)
sender.connect("request-aux-sender", lambda _bin, _transport: estimator)
receiver.connect("pad-added", show)
receiver.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(CAPS))
for one, other in ((sender, receiver), (receiver, sender)):
    one.connect("on-ice-candidate", lambda _, line, text, to: to.emit("add-ice-candidate", line, text), other)
pipeline.set_state(Gst.State.PLAYING)
exchange(sender, receiver, "offer")
exchange(receiver, sender, "answer")
loop = GLib.MainLoop()
GLib.timeout_add_seconds(int(sys.argv[1]) if len(sys.argv) > 1 else 10, loop.quit)
loop.run()
print(estimator.get_property("stats").to_string())
pipeline.set_state(Gst.State.NULL)
