#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""aiortc as a WHIP publisher and as a WHEP player. Prints what it has sent or received, a JSON object a second.

    aiortc_client.py publish|play URL
"""
import asyncio
import fractions
import json
import sys
import urllib.request

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
                pixels = frame.to_ndarray(format="rgb24").mean(axis=(0, 1))
                report["colour"] = [int(value) for value in pixels]
            else:
                report["loudest"] = max(report["loudest"], int(abs(frame.to_ndarray()).max()))
    except MediaStreamError:
        pass


async def main(role, url):
    connection = RTCPeerConnection()
    report = {"frames": 0, "samples": 0, "loudest": 0, "colour": None, "state": "new"}
    readers = []
    picture = Picture()
    if role == "publish":
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
        if role == "publish":
            report["frames"] = picture.count
        print(json.dumps(report), flush=True)
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        pass
