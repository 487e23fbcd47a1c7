// SPDX-License-Identifier: LGPL-2.1-or-later
// A src pad of `roomsrc`: a ghost pad that knows which track it shows.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gst/core/client/play_plan.h"

#define SFU_TYPE_ROOM_SRC_PAD (sfu_room_src_pad_get_type())
G_DECLARE_FINAL_TYPE(SfuRoomSrcPad, sfu_room_src_pad, SFU, ROOM_SRC_PAD, GstGhostPad)

namespace rooms {

/// Floating; without a target.
GstPad* make_room_src_pad(const char* name, GstPadTemplate* templ);
/// What the server says of a source in SDES.
struct ShownSource {
  std::string participant_name;
  std::string label;
};

// Property values, with notify where they change. Any thread.
void describe_room_src_pad(GstPad* pad, const PlayedSection& section);
void name_room_src_pad(GstPad* pad, const ShownSource& source);

}  // namespace rooms
