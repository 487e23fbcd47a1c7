// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ROOM_SRC (sfu_room_src_get_type())
G_DECLARE_FINAL_TYPE(SfuRoomSrc, sfu_room_src, SFU, ROOM_SRC, GstBin)
GST_ELEMENT_REGISTER_DECLARE(roomsrc)
