// SPDX-License-Identifier: LGPL-2.1-or-later
// A pad of roombin: a ghost pad that says whose track comes in by it (`participant`).
#pragma once

#include <gst/gst.h>

#include <string>

#define SFU_TYPE_ROOM_BIN_PAD (sfu_room_bin_pad_get_type())
G_DECLARE_FINAL_TYPE(SfuRoomBinPad, sfu_room_bin_pad, SFU, ROOM_BIN_PAD, GstGhostPad)

namespace rooms {

GstGhostPad* new_room_bin_pad(const std::string& name, GstPadTemplate* templ);
/// Any thread. Empty: as the element says.
std::string participant_of(GstPad* pad);

}  // namespace rooms
