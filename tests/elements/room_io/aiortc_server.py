# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WHIP and WHEP server that is not ours: aiortc behind the stand-in's HTTP. /whip takes media, /whep gives some."""
import asyncio
import fractions
import threading

import aioice.ice
import av
import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

# It leaves the loopback interface out by itself.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class RedPicture(VideoStreamTrack):
    async def recv(self):
        pts, time_base = await self.next_timestamp()
        pixels = numpy.zeros((180, 320, 3), numpy.uint8)
        pixels[:, :, 0] = 255
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
        tone.pts, tone.sample_rate, tone.time_base = frame.pts, frame.sample_rate, fractions.Fraction(1, frame.sample_rate)
        return tone


class AiortcServer:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.connections, self.readers = [], []
        self.frames, self.samples, self.colour, self.loudest = 0, 0, None, 0

    def __call__(self, request):
        """What StandIn asks."""
        answer = asyncio.run_coroutine_threadsafe(self.negotiate(request.path, request.body.decode()), self.loop)
        return 201, {"Content-Type": "application/sdp", "Location": "/resource"}, answer.result(20).encode()

    async def negotiate(self, path, offer):
        connection = RTCPeerConnection()
        self.connections.append(connection)
        connection.on("track", lambda track: self.readers.append(asyncio.ensure_future(self.count(track))))
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if path.startswith("/whep"):
            connection.addTrack(Tone())
            connection.addTrack(RedPicture())
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    async def count(self, track):
        try:
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.frames += 1
                    self.colour = [int(value) for value in frame.to_ndarray(format="rgb24").mean(axis=(0, 1))]
                else:
                    self.samples += frame.samples
                    self.loudest = max(self.loudest, int(abs(frame.to_ndarray()).max()))
        except MediaStreamError:
            pass

    def end(self):
        async def close():
            for connection in self.connections:
                await connection.close()
        asyncio.run_coroutine_threadsafe(close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
