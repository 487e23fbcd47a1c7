// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#define SFU_TYPE_ROOM_BIN (sfu_room_bin_get_type())
G_DECLARE_FINAL_TYPE(SfuRoomBin, sfu_room_bin, SFU, ROOM_BIN, GstBin)
GST_ELEMENT_REGISTER_DECLARE(roombin)
