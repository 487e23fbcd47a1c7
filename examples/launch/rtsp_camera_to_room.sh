#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An RTSP camera becomes a participant: rtsp_camera_to_room.sh rtsp://user:password@host/path
# Without an address a test picture plays the camera. GST_ROOMS_URL is another server. The last line looks at the room.
rooms=${GST_ROOMS_URL:-http://127.0.0.1:8080}
room=${ROOM:-camera}
camera=$1
if [ -z "$camera" ]; then
    coproc TEST_CAMERA { exec "$(dirname "$0")/../../tests/sources/rtsp_camera.py" 2>/dev/null; }
    exec 4>&"${TEST_CAMERA[1]}" # its input: it ends with the last who holds it
    read -r camera <&"${TEST_CAMERA[0]}"
fi
curl -sS --fail-with-body -X POST -H 'Content-Type: application/json' -d "{\"uri\": \"$camera\", \"name\": \"Door\"}" \
    "$rooms/api/rooms/$room/sources" || exit 1
echo
exec gst-launch-1.0 roomsrc name=room uri="$rooms/whep/$room" room.video_0 ! queue ! fakesink room.audio_0 ! queue ! fakesink
