#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One picture in two sizes, of which simulcastselect shows the larger one; target-bitrate=300000 would make it the smaller one.
exec gst-launch-1.0 simulcastselect name=select ! rtpvp8depay ! vp8dec ! videoconvert ! ${SINK:-fakesink} \
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=15/1 ! tee name=camera \
    camera. ! queue ! videoscale ! video/x-raw,width=320,height=180 ! vp8enc deadline=1 cpu-used=8 target-bitrate=150000 \
        ! rtpvp8pay pt=96 picture-id-mode=15-bit ! select.sink_0 \
    camera. ! queue ! vp8enc deadline=1 cpu-used=8 target-bitrate=600000 ! rtpvp8pay pt=96 picture-id-mode=15-bit ! select.sink_1
