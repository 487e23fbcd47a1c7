#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A room in one element: two who are in it, and one picture and one sound of both. Nothing else is needed, no server.
exec gst-launch-1.0 roombin name=room udp-port=0 layout=side-by-side \
    videotestsrc is-live=true ! video/x-raw,width=320,height=180 ! vp8enc deadline=1 cpu-used=8 ! room.sink_0 \
    audiotestsrc is-live=true wave=ticks ! room.sink_1 \
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180 ! vp8enc deadline=1 cpu-used=8 ! room.sink_2 \
    room.mix_video ! queue ! decodebin ! videoconvert ! ${VIDEO_SINK:-fakesink} \
    room.mix_audio ! queue ! decodebin ! audioconvert ! ${AUDIO_SINK:-fakesink}
