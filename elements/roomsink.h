// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ROOM_SINK (sfu_room_sink_get_type())
G_DECLARE_FINAL_TYPE(SfuRoomSink, sfu_room_sink, SFU, ROOM_SINK, GstBin)
GST_ELEMENT_REGISTER_DECLARE(roomsink)
