// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/custom_layout.h"

#include <gtest/gtest.h>

#include <limits>

namespace rooms {
namespace {

CustomTile tile(double x, double y, double width, double height) {
  return {.x = x, .y = y, .width = width, .height = height};
}

TEST(CustomLayout, SaysWhatIsWrongWithATile) {
  struct Row {
    CustomTile tile;
    const char* code;
  };
  const Row rows[] = {
      {tile(0, 0, 1, 1), ""},
      {tile(2 / 3.0, 0, 1 / 3.0, 1), ""},
      {tile(-0.1, 0, 1, 1), "outside-canvas"},
      {tile(0.6, 0, 0.5, 1), "outside-canvas"},
      {tile(0, 0.6, 1, 0.5), "outside-canvas"},
      {tile(0, 0, 0, 1), "empty-tile"},
      {tile(0, 0, 1, -1), "empty-tile"},
      {tile(std::numeric_limits<double>::infinity(), 0, 1, 1), "bad-field"},
      {tile(0, std::numeric_limits<double>::quiet_NaN(), 1, 1), "bad-field"},
      {CustomTile{.shows = ShowSlot{64}}, "unknown-slot"},
      {CustomTile{.alpha = 1.5}, "bad-field"},
  };
  for (const auto& row : rows) {
    CustomLayout layout;
    layout.tiles = {row.tile};
    const auto status = check(layout);
    EXPECT_EQ(status ? "" : status.error().code, row.code);
  }
}

TEST(CustomLayout, HasOneToSixtyFourTilesAndShowsNobodyTwice) {
  CustomLayout layout;
  EXPECT_EQ(check(layout).error().code, "no-tiles");
  for (unsigned i = 0; i < 64; ++i) layout.tiles.push_back({.shows = ShowSlot{i}});
  EXPECT_TRUE(check(layout));
  layout.tiles.push_back({.shows = ShowSpeaker{}});
  EXPECT_EQ(check(layout).error().code, "too-many-tiles");
  layout.tiles = {{.shows = ShowParticipant{"ada"}}, {.shows = ShowParticipant{"ada"}}};
  EXPECT_EQ(check(layout).error().code, "twice");
}

TEST(CustomLayout, KnowsWhoIsNotThere) {
  CustomLayout layout;
  layout.tiles = {{.shows = ShowParticipant{"ada"}}, {.shows = ShowParticipant{"zoe"}}};
  const std::string ada[] = {"ada"};
  const auto status = check_participants(layout, ada);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "unknown-participant");
  EXPECT_NE(status.error().message.find("zoe"), std::string::npos);
  const std::string both[] = {"zoe", "ada"};
  EXPECT_TRUE(check_participants(layout, both));
}

}  // namespace
}  // namespace rooms
