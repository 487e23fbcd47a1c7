#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock webrtcbin on both sides of sfurouter: webrtcbin ! sfurouter ! webrtcbin, twice out.

A publisher's VP8 comes in through one webrtcbin, passes the router and leaves through two others to two players. Everything is in
one process, so that it runs anywhere; put a signalling channel of yours in place of connect(). Prints how many pictures each
player decoded. For hundreds of players use gst-rooms-server: its elements take a packet where webrtcbin's take ten times longer.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstWebRTC  # noqa: E402

Gst.init(None)
WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else 30
CAPS = "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96"
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new("rooms")
decoded = {"ada": 0, "bob": 0}
alive = []  # promises and handlers that C holds without a reference


def connect(offerer, answerer):
    """Offer, answer and candidates between two webrtcbins of this process."""
    for here, there in ((offerer, answerer), (answerer, offerer)):
        here.connect("on-ice-candidate", lambda _, line, text, to: to.emit("add-ice-candidate", line, text), there)

    def on_answer(promise, *_):
        reply = promise.get_reply()  # owns the description: keep it as long as that is used
        answer = reply.get_value("answer")
        answerer.emit("set-local-description", answer, Gst.Promise.new())
        offerer.emit("set-remote-description", answer, Gst.Promise.new())

    def on_offer(promise, *_):
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        offerer.emit("set-local-description", offer, Gst.Promise.new())
        answerer.emit("set-remote-description", offer, Gst.Promise.new())
        answerer.emit("create-answer", None, Gst.Promise.new_with_change_func(on_answer))

    def on_negotiation_needed(_):
        offerer.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer))

    alive.extend((on_answer, on_offer, on_negotiation_needed))
    offerer.connect("on-negotiation-needed", on_negotiation_needed)


def webrtcbin(name):
    element = Gst.ElementFactory.make("webrtcbin", name)
    element.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    element.set_property("latency", 0)
    pipeline.add(element)
    return element


def play(_, pad, name):
    """What a player does with what it gets: decode and count."""
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    sink = Gst.parse_bin_from_description("rtpvp8depay ! vp8dec ! fakesink name=out signal-handoffs=true sync=false", True)
    pipeline.add(sink)

    def on_picture(*_):
        decoded[name] += 1
        if min(decoded.values()) >= WANTED:
            GLib.idle_add(loop.quit)

    sink.get_by_name("out").connect("handoff", on_picture)
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


# The publisher, and our side of it: what arrives goes into the router.
camera = Gst.parse_bin_from_description(
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1 ! "
    f'vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay pt=96 picture-id-mode=15-bit ! capsfilter caps="{CAPS}"', True)
publisher, ingress = webrtcbin("publisher"), webrtcbin("ingress")
router = Gst.ElementFactory.make("sfurouter", "router")
pipeline.add(camera)
pipeline.add(router)
camera.link(publisher)
ingress.connect("pad-added", lambda _, pad: pad.link(router.request_pad_simple("sink_%u"))
                if pad.get_direction() == Gst.PadDirection.SRC else None)
connect(publisher, ingress)

# Two players. The router gives each its own SSRC and numbers; a player that stalls would not slow the other one.
for name in decoded:
    egress, player = webrtcbin(f"egress-{name}"), webrtcbin(f"player-{name}")
    output = router.request_pad_simple("src_%u")
    filtered = Gst.ElementFactory.make("capsfilter", f"caps-{name}")
    filtered.set_property("caps", Gst.Caps.from_string(CAPS))
    pipeline.add(filtered)
    output.link(filtered.get_static_pad("sink"))
    filtered.link(egress)
    player.connect("pad-added", play, name)
    connect(egress, player)

pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add_seconds(30, loop.quit)
loop.run()
print("decoded:", decoded)
print(router.get_property("stats").to_string())
pipeline.set_state(Gst.State.NULL)
sys.exit(0 if min(decoded.values()) >= WANTED else 1)
