// SPDX-License-Identifier: LGPL-2.1-or-later
// Scales one input's frames straight into their place on a canvas.
#pragma once

#include <gst/video/video.h>

#include <memory>

#include "elements/grid_input.h"
#include "gst/core/layout/layout.h"
#include "gst/core/layout/placement.h"

namespace rooms {

class TilePainter {
 public:
  /// False, and nothing drawn, if the buffer is not what its caps promise.
  bool draw(const GridFrame& frame, GstVideoFrame& canvas, const Placement& placement);

 private:
  struct Free {
    void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
  };
  bool prepare(const GstVideoInfo& from, const GstVideoInfo& canvas, const Placement& placement);

  std::unique_ptr<GstVideoConverter, Free> converter_;
  GstVideoInfo from_{};
  GstVideoInfo canvas_{};
  Placement placement_{};
};

/// Where a frame of that kind goes in a tile.
Placement placement_of(const GstVideoInfo& info, const Tile& tile);

}  // namespace rooms
