#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a room shows, as it came, into a Matroska file: VP8 or H.264 and Opus, nothing is encoded again.
# opusparse makes the header that the muxer waits for. `room.video_0 ! queue ! decodebin ! autovideosink` in the place of the muxer shows it.
exec gst-launch-1.0 -e roomsrc name=room decode=false uri="${GST_ROOMS_URL:-http://127.0.0.1:8080}/whep/${ROOM:-demo}" \
    matroskamux name=file streamable=true ! filesink location="${FILE:-/dev/null}" \
    room.video_0 ! queue ! file. room.audio_0 ! queue ! opusparse ! file.
