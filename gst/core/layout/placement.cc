// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/placement.h"

#include <algorithm>
#include <cmath>

namespace rooms {

namespace {

/// Where a cut may begin. GStreamer 1.22 halves planes two bytes at a time and crashes where a
/// plane of chroma, a quarter as wide in 4:1:1, would begin at an odd address.
constexpr int kCutStep = 8;

/// `length` scaled, at least 2 and at most `limit`, both ends even.
int part_of(double length, int limit) {
  const int rounded = 2 * static_cast<int>(std::lround(length / 2));
  return std::clamp(rounded, std::min(2, limit), limit);
}

}  // namespace

Placement place(const PictureShape& picture, const Rectangle& tile, Fit fit) {
  const double pixel = static_cast<double>(std::max(1, picture.par_width)) /
                       static_cast<double>(std::max(1, picture.par_height));
  const double shape = picture.size.width * pixel / picture.size.height;
  const double tile_shape = static_cast<double>(tile.width) / tile.height;

  Placement placed{{0, 0, picture.size.width, picture.size.height}, tile};
  if (fit == Fit::kCrop) {
    auto& source = placed.source;
    if (shape > tile_shape) {
      source.width = part_of(tile_shape / pixel * source.height, source.width);
      source.x = (picture.size.width - source.width) / 2 / kCutStep * kCutStep;
    } else {
      source.height = part_of(source.width * pixel / tile_shape, source.height);
      source.y = even((picture.size.height - source.height) / 2);
    }
    return placed;
  }
  auto& target = placed.target;
  if (shape > tile_shape) {
    const int height = part_of(tile.width / shape, tile.height);
    if (tile.height - height > 2) target.height = height;
    target.y = even(tile.y + (tile.height - target.height) / 2);
  } else {
    const int width = part_of(tile.height * shape, tile.width);
    if (tile.width - width > 2) target.width = width;
    target.x = even(tile.x + (tile.width - target.width) / 2);
  }
  return placed;
}

}  // namespace rooms
