#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a room shows and says, in one MP4 that also plays when the process is killed. Ends with Ctrl-C.
exec gst-launch-1.0 -e roombin name=room udp-port=0 \
    videotestsrc is-live=true ! video/x-raw,width=320,height=180 ! vp8enc deadline=1 cpu-used=8 ! room.sink_0 \
    audiotestsrc is-live=true wave=ticks ! room.sink_1 \
    mp4mux name=file fragment-duration=1000 ! filesink location="${FILE:-/dev/null}" \
    room.mix_video ! queue ! h264parse ! file. \
    room.mix_audio ! queue ! opusparse ! file.
