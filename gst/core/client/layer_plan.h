// SPDX-License-Identifier: LGPL-2.1-or-later
// How a publisher divides its line: between sound and pictures, and between the layers of a
// picture.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gst/core/units.h"

namespace rooms {

struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// From low to high, the names browsers' examples use: "q", "h", "f"; of two "h" and "f"; of one
/// "".
std::vector<std::string> layer_rids(std::size_t count);
/// Layer `index` (0: lowest) of `count`: each is half as wide as the next one. Even sides, at least
/// 16 pixels; the top one is the input, with even sides.
PictureSize layer_size(PictureSize input, std::size_t index, std::size_t count);

struct LinePlan {
  std::vector<DataRate> layers;  ///< of each picture, from low to high; zero: not sent
};

/// `line`: what may be sent in all; `most`: what is sent if the line carries it. Sound takes
/// `sound`, headers and repair a tenth; pictures share the rest evenly. Layers are filled from the
/// lowest; one that would get less than half of its due is left out, and so are those above it.
/// `before`: what was sent until now (empty at first); a layer that is off comes back only when it
/// would get three quarters of its due, so that it does not flicker. The lowest one is never off:
/// it gets at least 30 kbit/s.
LinePlan plan_line(DataRate line, DataRate most, DataRate sound, std::size_t pictures,
                   std::size_t layers, const LinePlan& before);

}  // namespace rooms
