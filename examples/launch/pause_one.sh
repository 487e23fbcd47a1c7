#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One of two receivers is paused after a second and resumed a second later; the other never misses a packet. The statistics
# at the end tell: src_1 sent every packet that came in, src_0 dropped some as "paused".
exec "$(dirname "$0")/timed_launch.py" --seconds 3 \
    --at 1 r.src_0::paused=true --at 2 r.src_0::paused=false \
    "videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! sfurouter name=r
     r.src_0 ! udpsink host=127.0.0.1 port=5004 sync=false
     r.src_1 ! udpsink host=127.0.0.1 port=5006 sync=false"
