#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A receiver is pointed from one track to another, and back, while it plays: it sees one stream, each new track beginning
# with the keyframe that the router asked its encoder for.
exec "$(dirname "$0")/timed_launch.py" --seconds 3 \
    --at 1 r.src_0::track=snow --at 2 r.src_0::track=ball \
    "sfurouter name=r sink_0::track=ball sink_1::track=snow
     videotestsrc is-live=true pattern=ball ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_0
     videotestsrc is-live=true pattern=snow ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_1
     r.src_0 ! rtpvp8depay ! vp8dec ! fakesink"
