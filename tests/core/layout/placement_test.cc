// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/placement.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(Placement, KeepsProportions) {
  struct Row {
    const char* title;
    PictureShape picture;
    Rectangle tile;
    Fit fit;
    Placement want;
  };
  const Rectangle wide{100, 50, 320, 180};
  const Rectangle square{0, 0, 200, 200};
  const Row rows[] = {
      {"same shape", {{640, 360}}, wide, Fit::kCrop, {{0, 0, 640, 360}, wide}},
      {"same shape, whole", {{640, 360}}, wide, Fit::kWhole, {{0, 0, 640, 360}, wide}},
      {"4:3 loses above and below", {{640, 480}}, wide, Fit::kCrop, {{0, 60, 640, 360}, wide}},
      {"4:3 whole has room at the sides",
       {{640, 480}},
       wide,
       Fit::kWhole,
       {{0, 0, 640, 480}, {140, 50, 240, 180}}},
      {"wide loses at the sides", {{640, 360}}, square, Fit::kCrop, {{136, 0, 360, 360}, square}},
      {"wide whole has room above and below",
       {{640, 360}},
       square,
       Fit::kWhole,
       {{0, 0, 640, 360}, {0, 44, 200, 112}}},
      {"a phone held upright",
       {{360, 640}},
       wide,
       Fit::kWhole,
       {{0, 0, 360, 640}, {208, 50, 102, 180}}},
      {"pixels twice as wide as high",
       {{320, 360}, 2, 1},
       wide,
       Fit::kCrop,
       {{0, 0, 320, 360}, wide}},
      {"nearly the same shape fills the tile",
       {{640, 360}},
       {0, 0, 426, 238},
       Fit::kWhole,
       {{0, 0, 640, 360}, {0, 0, 426, 238}}},
      {"one pixel", {{1, 1}}, wide, Fit::kCrop, {{0, 0, 1, 1}, wide}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(place(row.picture, row.tile, row.fit), row.want) << row.title;
  }
}

TEST(Placement, StaysWithinPictureAndTileWhateverTheShapes) {
  const int sizes[] = {1, 2, 3, 17, 90, 361, 640, 1081, 8192};
  for (const int width : sizes) {
    for (const int height : sizes) {
      for (const Rectangle tile : {Rectangle{0, 0, 2, 2}, Rectangle{10, 20, 426, 240},
                                   Rectangle{0, 0, 2, 720}, Rectangle{4, 2, 1280, 2}}) {
        for (const auto fit : {Fit::kCrop, Fit::kWhole}) {
          const auto [source, target] = place({{width, height}}, tile, fit);
          SCOPED_TRACE(testing::Message() << width << "x" << height);
          EXPECT_TRUE(!source.empty() && source.inside({width, height}));
          EXPECT_TRUE(!target.empty() && target.x >= tile.x && target.right() <= tile.right() &&
                      target.y >= tile.y && target.bottom() <= tile.bottom());
          EXPECT_EQ(source.x % 8, 0);
          EXPECT_EQ((target.x | target.y | target.width | target.height | source.x | source.y) % 2,
                    0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rooms
