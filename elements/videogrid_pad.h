// SPDX-License-Identifier: LGPL-2.1-or-later
// A sink pad of `videogrid`.
#pragma once

#include <gst/video/video.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "elements/grid_input.h"

#define SFU_TYPE_VIDEO_GRID_PAD (sfu_video_grid_pad_get_type())
G_DECLARE_FINAL_TYPE(SfuVideoGridPad, sfu_video_grid_pad, SFU, VIDEO_GRID_PAD, GstPad)

namespace rooms {

/// What a sink pad knows of itself.
struct GridPad {
  std::uint32_t id = 0;              // set when the pad is made
  std::shared_ptr<GridInput> input;  // likewise
  // The streaming thread's:
  GstSegment segment{};
  std::shared_ptr<const GstVideoInfo> info;
  bool too_large = false;
  bool live = false;
};

GridPad& grid_pad(GstPad* pad);
/// Chain, event and query functions; the pad is not yet active.
void set_up_grid_pad(GstPad* pad);
/// Says upstream, and to who watches the properties, how large the tile is.
void tell_tile_size(GstPad* pad);

}  // namespace rooms
