// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/routing.h"

#include <gtest/gtest.h>

#include <vector>

namespace rooms {
namespace {

const std::vector<EncodingRow> kRows = {{1, "camera", "l", false},
                                        {2, "camera", "h", true},
                                        {3, "screen", "", false},
                                        {4, "camera", "x", true}};

TEST(ChooseEncoding, TakesTheFirstActiveLayerOfTheTrack) {
  EXPECT_EQ(choose_encoding(kRows, "camera"), 2U);
}
TEST(ChooseEncoding, TakesTheFirstLayerWhenNoneIsActive) {
  EXPECT_EQ(choose_encoding(kRows, "screen"), 3U);
}
TEST(ChooseEncoding, TakesTheFirstTrackWhenNoneIsNamed) {
  EXPECT_EQ(choose_encoding(kRows, ""), 2U);
}
TEST(ChooseEncoding, FindsNothingForAnUnknownTrack) {
  EXPECT_EQ(choose_encoding(kRows, "slides"), 0U);
  EXPECT_EQ(choose_encoding({}, ""), 0U);
}
TEST(LayerOf, CountsWithinTheTrack) {
  EXPECT_EQ(layer_of(kRows, 1), 0);
  EXPECT_EQ(layer_of(kRows, 3), 0);
  EXPECT_EQ(layer_of(kRows, 4), 2);
  EXPECT_EQ(layer_of(kRows, 9), -1);
  EXPECT_EQ(layer_of(kRows, 0), -1);
}

}  // namespace
}  // namespace rooms
