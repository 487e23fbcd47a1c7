#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""aiortc as a WHIP publisher and as a WHEP player. Prints what it has sent or received, a JSON object a second. Knows
REMB and no transport-wide feedback: `told` is the last one it was sent, `tells` the last it sent, in bit/s.

    aiortc_client.py publish|publish-noise|play URL
"""
import asyncio
import fractions
import json
import sys
import urllib.request

import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.contrib.media import MediaStreamError
from aiortc.mediastreams import AudioStreamTrack

RATE = 48000
SAMPLES = RATE // 50


class Picture(VideoStreamTrack):
    """Blue, with a bar that wanders."""

    count = 0

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        pixels = numpy.zeros((180, 320, 3), numpy.uint8)
        pixels[:, :, 2] = 255
        at = self.count * 7 % 300
        pixels[:, at : at + 12, 2] = 100
        self.count += 1
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Noise(VideoStreamTrack):
    """Squares that change: takes what the encoder may use, and can do with less."""

    count = 0

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        squares = numpy.random.randint(0, 80, (9, 16, 3), numpy.uint8)
        pixels = numpy.kron(squares, numpy.ones((20, 20, 1), numpy.uint8))
        self.count += 1
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """440 Hz; the base class only keeps the time."""

    async def recv(self):
        frame = await super().recv()
        at = numpy.arange(frame.samples) + frame.pts
        wave = (8000 * numpy.sin(2 * numpy.pi * 440 / frame.sample_rate * at)).astype(numpy.int16)
        tone = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        tone.pts, tone.sample_rate = frame.pts, frame.sample_rate
        tone.time_base = fractions.Fraction(1, frame.sample_rate)
        return tone


def listen_to_remb(report):
    """The names are those by which aiortc's own modules call them."""
    unpack, pack = aiortc.rtcrtpsender.unpack_remb_fci, aiortc.rtcrtpreceiver.pack_remb_fci

    def told(data):
        bitrate, ssrcs = unpack(data)
        report["told"] = bitrate
        return bitrate, ssrcs

    def tells(bitrate, ssrcs):
        report["tells"] = bitrate
        return pack(bitrate, ssrcs)

    aiortc.rtcrtpsender.unpack_remb_fci, aiortc.rtcrtpreceiver.pack_remb_fci = told, tells


async def video_bytes(connection):
    """Sent so far."""
    reports = await connection.getStats()
    return sum(one.bytesSent for one in reports.values() if one.type == "outbound-rtp" and one.kind == "video")


def post(url, sdp):
    request = urllib.request.Request(url, sdp.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


async def count(track, report):
    key = "frames" if track.kind == "video" else "samples"
    try:
        while True:
            frame = await track.recv()
            report[key] += 1 if key == "frames" else frame.samples
            if key == "frames":
                report["width"] = frame.width
                pixels = frame.to_ndarray(format="rgb24").mean(axis=(0, 1))
                report["colour"] = [int(value) for value in pixels]
            else:
                report["loudest"] = max(report["loudest"], int(abs(frame.to_ndarray()).max()))
    except MediaStreamError:
        pass


async def main(role, url):
    connection = RTCPeerConnection()
    report = {"frames": 0, "samples": 0, "loudest": 0, "colour": None, "width": 0, "state": "new", "told": 0, "tells": 0,
              "sent": 0}
    listen_to_remb(report)
    readers = []
    publishes = role != "play"
    picture = Noise() if role == "publish-noise" else Picture()
    if publishes:
        connection.addTrack(Tone())
        connection.addTrack(picture)
    else:
        connection.on("track", lambda track: readers.append(asyncio.ensure_future(count(track, report))))
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    answer = await asyncio.get_event_loop().run_in_executor(None, post, url, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    while True:
        report["state"] = connection.connectionState
        if publishes:
            report["frames"] = picture.count
            report["sent"] = await video_bytes(connection)
        print(json.dumps(report), flush=True)
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        pass
