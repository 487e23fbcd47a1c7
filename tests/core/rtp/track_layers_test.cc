// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/track_layers.h"

#include <gtest/gtest.h>

#include <memory>

namespace rooms {
namespace {

std::shared_ptr<const LayerTable> table(std::uint16_t width, unsigned spatials,
                                        unsigned temporals) {
  auto made = std::make_shared<LayerTable>();
  made->width = width;
  made->height = static_cast<std::uint16_t>(width / 2);
  for (std::uint8_t s = 0; s < spatials; ++s)
    for (std::uint8_t t = 0; t < temporals; ++t)
      made->rows.push_back({{s, t}, (s + 1U) * 1000U + t});
  return made;
}

using Layers = std::vector<TrackLayer>;

TEST(TrackLayers, OfSimulcastTheEncodingsAreSpatialLayers) {
  EXPECT_EQ(layers_of(std::vector<EncodingRow>{{1, "q", true, table(320, 1, 2)},
                                               {2, "h", false, table(640, 1, 1)}}),
            (Layers{{"q", 0, 0, 320, 160, 1000, true},
                    {"q", 0, 1, 320, 160, 1001, true},
                    {"h", 1, 0, 640, 320, 1000, false}}));
}

TEST(TrackLayers, OfOneStreamItsOwn) {
  EXPECT_EQ(layers_of(std::vector<EncodingRow>{{1, "", true, table(640, 2, 1)}}),
            (Layers{{"", 0, 0, 320, 160, 1000, true}, {"", 1, 0, 640, 320, 2000, true}}));
}

TEST(TrackLayers, WhatIsInsideASimulcastLayerComesWhole) {
  const auto layers = layers_of(
      std::vector<EncodingRow>{{1, "q", true, table(320, 2, 1)}, {2, "h", true, table(640, 2, 1)}});
  EXPECT_EQ(layers, (Layers{{"q", 0, 0, 320, 160, 2000, true}, {"h", 1, 0, 640, 320, 2000, true}}));
}

TEST(TrackLayers, BeforeAnythingIsMeasuredThereIsOneOfEachEncoding) {
  EXPECT_EQ(layers_of(std::vector<EncodingRow>{{1, "q", true, nullptr}, {2, "h", false, nullptr}}),
            (Layers{{"q", 0, 0, 0, 0, 0, true}, {"h", 1, 0, 0, 0, 0, false}}));
  EXPECT_TRUE(layers_of({}).empty());
}

}  // namespace
}  // namespace rooms
