// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture of one shape in a tile of another.
#pragma once

#include "gst/core/layout/custom_layout.h"
#include "gst/core/layout/geometry.h"

namespace rooms {

struct PictureShape {
  Size size;          // pixels, at least 1 each way
  int par_width = 1;  // a pixel's shape
  int par_height = 1;
};

struct Placement {
  Rectangle source;  // of the picture; starts at a multiple of 8 pixels, an even row
  Rectangle target;  // of the canvas; even, within the tile
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// Proportions are kept: kCrop cuts what stands out left and right or above and below, kWhole
/// leaves room there. A picture whose shape differs by no more than two pixels fills the tile.
Placement place(const PictureShape& picture, const Rectangle& tile, Fit fit);

}  // namespace rooms
