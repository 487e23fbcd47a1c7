#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The mix of a room to an RTMP server, from any machine that sees the room: RTMP=rtmp://host/app/key. Without one it goes nowhere.
# The server does this itself, without decoding and encoding once more, and connects again when it has to:
#   curl -H 'Content-Type: application/json' -d '{"uri": "rtmp://host/app/key"}' http://127.0.0.1:8080/api/rooms/demo/push
SINK="filesink location=/dev/null"
[ -n "$RTMP" ] && SINK="rtmp2sink location=$RTMP"
# shellcheck disable=SC2086
exec gst-launch-1.0 -e roomsrc name=room uri="${GST_ROOMS_URL:-http://127.0.0.1:8080}/whep/${ROOM:-demo}/mix" \
    flvmux name=programme streamable=true ! $SINK \
    room.video_0 ! queue ! videoconvert ! openh264enc gop-size=50 ! h264parse ! queue ! programme. \
    room.audio_0 ! queue ! audioconvert ! voaacenc ! aacparse ! queue ! programme.
