// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/covering_layer.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr double kEnough = 0.95;

bool covers(std::uint32_t picture, int tile) { return picture >= kEnough * tile; }

}  // namespace

std::optional<std::uint8_t> covering_layer(const std::vector<TrackLayer>& layers, Size tile) {
  std::optional<std::uint8_t> lowest;
  std::optional<std::uint8_t> highest;
  for (const auto& layer : layers) {
    if (!layer.active) continue;
    highest = std::max(highest.value_or(layer.spatial), layer.spatial);
    if (layer.width == 0 || !covers(layer.width, tile.width) || !covers(layer.height, tile.height))
      continue;
    lowest = std::min(lowest.value_or(layer.spatial), layer.spatial);
  }
  return lowest ? lowest : highest;
}

}  // namespace rooms
