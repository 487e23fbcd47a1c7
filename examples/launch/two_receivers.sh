#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One camera to two receivers. Watch one of them with
#   gst-launch-1.0 udpsrc port=5004 caps="application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000" \
#       ! rtpvp8depay ! vp8dec ! autovideosink
exec gst-launch-1.0 \
    videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! sfurouter name=r \
    r.src_0 ! udpsink host=127.0.0.1 port=5004 sync=false \
    r.src_1 ! udpsink host=127.0.0.1 port=5006 sync=false
