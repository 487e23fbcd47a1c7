// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/covering_layer.h"

#include <gtest/gtest.h>

#include <vector>

namespace rooms {
namespace {

TrackLayer layer(std::uint8_t spatial, std::uint32_t width, std::uint32_t height,
                 bool active = true) {
  TrackLayer one;
  one.spatial = spatial;
  one.width = width;
  one.height = height;
  one.active = active;
  return one;
}

const std::vector<TrackLayer> kSimulcast = {layer(0, 320, 180), layer(1, 640, 360),
                                            layer(2, 1280, 720)};

TEST(CoveringLayer, IsTheLowestThatIsLargeEnough) {
  struct Row {
    Size tile;
    int layer;
  };
  for (const auto& row :
       {Row{{160, 90}, 0}, Row{{320, 180}, 0}, Row{{334, 186}, 0}, Row{{424, 238}, 1},
        Row{{638, 358}, 1}, Row{{640, 720}, 2}, Row{{1280, 720}, 2}, Row{{1920, 1080}, 2}})
    EXPECT_EQ(covering_layer(kSimulcast, row.tile), row.layer)
        << row.tile.width << "x" << row.tile.height;
}

TEST(CoveringLayer, CountsOnlyWhatComes) {
  const std::vector<TrackLayer> layers = {layer(0, 320, 180), layer(1, 640, 360, false),
                                          layer(2, 1280, 720)};
  EXPECT_EQ(covering_layer(layers, {600, 300}), 2);
  EXPECT_EQ(covering_layer({layer(0, 320, 180, false)}, {100, 100}), std::nullopt);
  EXPECT_EQ(covering_layer({}, {100, 100}), std::nullopt);
}

TEST(CoveringLayer, IsTheHighestWhileSizesAreUnknown) {
  EXPECT_EQ(covering_layer({layer(0, 0, 0), layer(1, 0, 0)}, {160, 90}), 1);
  EXPECT_EQ(covering_layer({layer(0, 320, 180), layer(1, 0, 0)}, {160, 90}), 0);
}

}  // namespace
}  // namespace rooms
