#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A test picture in three sizes and a tone become a participant: open http://127.0.0.1:8080/?room=demo to see them.
# GST_ROOMS_URL is another server. `v4l2src` and `pulsesrc` in the place of the two sources publish camera and microphone.
exec gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=15/1 \
    ! roomsink name=room uri="${GST_ROOMS_URL:-http://127.0.0.1:8080}/whip/${ROOM:-demo}/test-picture" simulcast=true \
    audiotestsrc is-live=true volume=0.1 ! room.
