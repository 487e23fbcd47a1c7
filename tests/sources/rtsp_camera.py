#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An RTSP camera: GStreamer's RTSP server with a test picture and a tone. Runs until its input ends.

    rtsp_camera.py [--port N] [--video CODEC] [--audio CODEC] [--size WxH] [--user NAME:PASSWORD] [--transport WORD]

Its first line is the address, without the user.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

# A keyframe each second, as cameras are told to; nobody can ask for one.
X264 = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
VIDEO = {
    "h264": f"{X264} bframes=0 ! video/x-h264,profile=constrained-baseline ! rtph264pay name=pay%d config-interval=-1",
    "h264-reordered": "x264enc speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=15 rc-lookahead=5"
                      " ! video/x-h264,profile=main ! rtph264pay name=pay%d config-interval=-1",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! h265parse ! rtph265pay name=pay%d config-interval=-1",
    "vp8": "vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay name=pay%d",
    "jpeg": "jpegenc ! rtpjpegpay name=pay%d",
}
AUDIO = {
    "opus": "opusenc ! rtpopuspay name=pay%d",
    "aac": "avenc_aac ! rtpmp4gpay name=pay%d",
    "pcmu": "audioresample ! audioconvert ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay%d",
    "pcma": "audioresample ! audioconvert ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay%d",
}
TRANSPORTS = {"any": GstRtsp.RTSPLowerTrans.UDP | GstRtsp.RTSPLowerTrans.TCP, "udp": GstRtsp.RTSPLowerTrans.UDP,
              "tcp": GstRtsp.RTSPLowerTrans.TCP}


def branches(options):
    width, height = options.size.split("x")
    parts = []
    if options.video:
        parts.append(f"videotestsrc is-live=true pattern=red ! video/x-raw,format=I420,width={width},height={height},framerate=15/1"
                     f" ! {VIDEO[options.video] % len(parts)}")
    if options.audio:
        parts.append(f"audiotestsrc is-live=true freq=440 volume=0.3 ! audio/x-raw,rate=48000 ! {AUDIO[options.audio] % len(parts)}")
    return "( " + "  ".join(parts) + " )"


def guard(server, factory, user):
    """Digest credentials, as cameras ask for them."""
    name, password = user.split(":")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(name, password, token)
    server.set_auth(auth)
    role = Gst.Structure.new_empty("viewer")
    for permission in (GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
        role.set_value(permission, True)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role_from_structure(role)
    factory.set_permissions(permissions)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--video", default="h264", choices=["", *VIDEO])
    parser.add_argument("--audio", default="opus", choices=["", *AUDIO])
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--user")
    parser.add_argument("--transport", default="any", choices=TRANSPORTS)
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=options.port)
    factory = GstRtspServer.RTSPMediaFactory(shared=True, launch=branches(options), protocols=TRANSPORTS[options.transport])
    if options.user:
        guard(server, factory, options.user)
    server.get_mount_points().add_factory("/door", factory)
    server.attach(None)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/door", flush=True)
    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, lambda *_: loop.quit())
    loop.run()


if __name__ == "__main__":
    main()
