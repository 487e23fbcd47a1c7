#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A room with people in it who look real to a server: PEOPLE of them send a picture and a sound, and one watches two.
# For figures use tests/load, which costs a hundredth of this for each of them.
uri="${GST_ROOMS_URL:-http://127.0.0.1:8080}"
room="${ROOM:-load}"
set -- roomsrc uri="$uri/whep/$room" audio-sections=1 video-sections=2 decode=false wait-for-server=true name=watch \
    watch. ! queue ! fakesink watch. ! queue ! fakesink
for person in $(seq "${PEOPLE:-3}"); do
    set -- "$@" roomsink name="p$person" uri="$uri/whip/$room/person-$person" \
        videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 ! "p$person." \
        audiotestsrc is-live=true wave=ticks ! "p$person."
done
exec gst-launch-1.0 "$@"
