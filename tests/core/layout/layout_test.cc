// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rooms {

static void PrintTo(const Rectangle& r, std::ostream* out) {
  *out << r.width << "x" << r.height << "+" << r.x << "+" << r.y;
}

namespace {

constexpr Size kHd{1280, 720};
constexpr LayoutKind kAll[] = {LayoutKind::kGrid, LayoutKind::kSpeaker, LayoutKind::kPip,
                               LayoutKind::kSideBySide};

std::vector<LayoutInput> people(unsigned count) {
  std::vector<LayoutInput> inputs;
  for (unsigned i = 0; i < count; ++i) inputs.push_back({100 + i, "p" + std::to_string(i), false});
  return inputs;
}

std::vector<Rectangle> places(const std::vector<Tile>& tiles) {
  std::vector<Rectangle> found;
  for (const auto& tile : tiles) found.push_back(tile.where);
  return found;
}

bool is_even(const Rectangle& r) {
  return r.x % 2 == 0 && r.y % 2 == 0 && r.width % 2 == 0 && r.height % 2 == 0;
}

TEST(Layout, GridHasTheLargestTilesThatAreSixteenToNine) {
  struct Row {
    unsigned count;
    int gap;
    std::vector<Rectangle> want;
  };
  const Row rows[] = {
      {1, 4, {{0, 0, 1280, 720}}},
      {2, 0, {{0, 180, 640, 360}, {640, 180, 640, 360}}},
      {3, 0, {{0, 0, 640, 360}, {640, 0, 640, 360}, {320, 360, 640, 360}}},
      {4, 4, {{2, 2, 636, 356}, {642, 2, 636, 356}, {2, 362, 636, 356}, {642, 362, 636, 356}}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(grid(kHd, row.count, row.gap), row.want) << row.count << " tiles, gap " << row.gap;
  }
  EXPECT_EQ(grid(kHd, 9, 0)[4], (Rectangle{426, 240, 426, 238}));
}

TEST(Layout, ThreeByThreeFillsTheCanvas) {
  for (const auto& tile : grid(kHd, 9, 0)) {
    EXPECT_GE(tile.width, 422);
    EXPECT_GE(tile.height, 236);
  }
}

TEST(Layout, WhateverTheCanvasAndTheNumberTilesAreEvenApartWithinItAndInOrder) {
  for (const Size canvas : {kHd, Size{640, 360}, Size{1920, 1080}, Size{360, 640}, Size{320, 240},
                            Size{16, 16}, Size{4096, 64}}) {
    for (const int gap : {0, 4, 7}) {
      for (unsigned count = 1; count <= 50; ++count) {
        const auto tiles = grid(canvas, count, gap);
        SCOPED_TRACE(testing::Message() << canvas.width << "x" << canvas.height << ", " << count);
        if (canvas.width > 16) {
          ASSERT_EQ(tiles.size(), count);
        }
        for (std::size_t i = 0; i < tiles.size(); ++i) {
          EXPECT_TRUE(is_even(tiles[i]) && !tiles[i].empty() && tiles[i].inside(canvas));
          EXPECT_EQ(tiles[i].width, tiles[0].width);
          EXPECT_EQ(tiles[i].height, tiles[0].height);
          for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(tiles[i].overlaps(tiles[j]));
          if (i == 0) continue;
          const auto& before = tiles[i - 1];  // rows from the top, each from the left
          EXPECT_TRUE(tiles[i].y > before.y || (tiles[i].y == before.y && tiles[i].x > before.x));
        }
      }
    }
  }
}

TEST(Layout, EveryLayoutStaysWithinTheCanvasAndShowsNobodyTwice) {
  for (const auto kind : kAll) {
    for (const Size canvas : {kHd, Size{360, 640}, Size{64, 64}, Size{16, 16}}) {
      for (unsigned count = 0; count <= 50; ++count) {
        const auto inputs = people(count);
        const auto tiles = arrange({.kind = kind, .canvas = canvas, .inputs = inputs});
        SCOPED_TRACE(testing::Message() << static_cast<int>(kind) << ", " << count << " inputs");
        if (canvas.width > 16) {
          EXPECT_EQ(tiles.empty(), count == 0);
        }
        for (std::size_t i = 0; i < tiles.size(); ++i) {
          EXPECT_TRUE(is_even(tiles[i].where) && !tiles[i].where.empty());
          EXPECT_TRUE(tiles[i].where.inside(canvas));
          if (i > 0) {
            EXPECT_LT(tiles[i - 1].input, tiles[i].input);
          }
        }
      }
    }
  }
}

TEST(Layout, OnlyAPictureInThePictureOverlaps) {
  for (const auto kind : kAll) {
    for (unsigned count = 2; count <= 12; ++count) {
      const auto inputs = people(count);
      const auto tiles = arrange({.kind = kind, .canvas = kHd, .inputs = inputs});
      bool overlap = false;
      for (const auto& a : tiles) {
        for (const auto& b : tiles) {
          if (&a == &b || !a.where.overlaps(b.where)) continue;
          overlap = true;
          EXPECT_NE(a.z, b.z) << "which is nearer?";
        }
      }
      EXPECT_EQ(overlap, kind == LayoutKind::kPip) << static_cast<int>(kind) << ", " << count;
    }
  }
}

TEST(Layout, TheSpeakerIsLargestAndTheOthersKeepTheirOrder) {
  const auto inputs = people(4);
  const auto tiles =
      arrange({.kind = LayoutKind::kSpeaker, .canvas = kHd, .inputs = inputs, .speaker = 102});
  ASSERT_EQ(tiles.size(), 4U);
  EXPECT_EQ(tiles[2].where, (Rectangle{132, 0, 1016, 570}));
  EXPECT_TRUE(tiles[2].border);
  EXPECT_FALSE(tiles[0].border);
  EXPECT_LT(tiles[0].where.x, tiles[1].where.x);
  EXPECT_LT(tiles[1].where.x, tiles[3].where.x);
  EXPECT_EQ(tiles[0].where.bottom(), 720);
}

TEST(Layout, WhoDoesNotFitIntoTheStripHasNoTile) {
  const auto inputs = people(20);
  const auto tiles =
      arrange({.kind = LayoutKind::kSpeaker, .canvas = kHd, .inputs = inputs, .speaker = 119});
  EXPECT_EQ(tiles.size(), 5U);
  EXPECT_EQ(tiles.back().input, 119U);
}

TEST(Layout, SideBySideShowsTwoAndTheSpeakerIsOneOfThem) {
  const auto inputs = people(4);
  const auto shown = [&](std::optional<std::uint32_t> speaker) {
    std::vector<std::uint32_t> ids;
    for (const auto& tile : arrange({.kind = LayoutKind::kSideBySide,
                            .canvas = kHd,
                            .gap = 0,
                            .inputs = inputs,
                            .speaker = speaker})) {
      EXPECT_EQ(tile.where.width, 640);
      EXPECT_EQ(tile.where.height, 720);
      ids.push_back(*tile.input);
    }
    return ids;
  };
  EXPECT_EQ(shown(std::nullopt), (std::vector<std::uint32_t>{100, 101}));
  EXPECT_EQ(shown(101), (std::vector<std::uint32_t>{100, 101}));
  EXPECT_EQ(shown(103), (std::vector<std::uint32_t>{100, 103}));
}

TEST(Layout, OneWhoIsAloneHasTheCanvasWithoutABorder) {
  const auto inputs = people(1);
  for (const auto kind : kAll) {
    const auto tiles = arrange({.kind = kind, .canvas = kHd, .inputs = inputs, .speaker = 100});
    EXPECT_EQ(places(tiles), (std::vector<Rectangle>{{0, 0, 1280, 720}}));
    EXPECT_FALSE(tiles[0].border);
  }
}

TEST(Layout, AScreenIsNeverCropped) {
  auto inputs = people(2);
  inputs[1].whole = true;
  const auto tiles = arrange({.canvas = kHd, .fit = Fit::kCrop, .inputs = inputs});
  EXPECT_EQ(tiles[0].fit, Fit::kCrop);
  EXPECT_EQ(tiles[1].fit, Fit::kWhole);
}

CustomTile shows(decltype(CustomTile::shows) what, double x, double y, double width,
                 double height) {
  return {.shows = std::move(what), .x = x, .y = y, .width = width, .height = height};
}

TEST(Layout, ACustomLayoutNamesPeopleTheSpeakerAndSlots) {
  CustomLayout custom;
  custom.tiles = {shows(ShowSlot{0}, 0, 0, 0.5, 0.5), shows(ShowSpeaker{}, 0.5, 0, 0.5, 0.5),
                  shows(ShowParticipant{"p0"}, 0, 0.5, 0.5, 0.5),
                  shows(ShowParticipant{"zoe"}, 0.5, 0.5, 0.25, 0.25),
                  shows(ShowSlot{7}, 0, 0, 1, 1)};
  const auto inputs = people(4);
  const auto tiles = arrange({.kind = LayoutKind::kCustom,
                              .canvas = kHd,
                              .inputs = inputs,
                              .speaker = 102,
                              .custom = &custom});
  ASSERT_EQ(tiles.size(), 4U) << "there is no eighth input";
  EXPECT_EQ(tiles[0].input, 100U);
  EXPECT_EQ(tiles[0].where, (Rectangle{0, 360, 640, 360}));
  EXPECT_EQ(tiles[1].input, 101U) << "first who is not named otherwise";
  EXPECT_EQ(tiles[1].where, (Rectangle{0, 0, 640, 360}));
  EXPECT_EQ(tiles[2].input, 102U);
  EXPECT_TRUE(tiles[2].border);
  EXPECT_FALSE(tiles[3].input) << "somebody who is not here";
  EXPECT_EQ(tiles[3].name, "zoe");
}

TEST(Layout, CustomRectanglesAreRoundedToEvenPixelsThatMeet) {
  CustomLayout custom;
  for (unsigned i = 0; i < 3; ++i) {
    custom.tiles.push_back(shows(ShowSlot{i}, i / 3.0, 0, 1 / 3.0, 1e-9));
  }
  const auto inputs = people(3);
  const auto tiles = arrange(
      {.kind = LayoutKind::kCustom, .canvas = {1000, 500}, .inputs = inputs, .custom = &custom});
  EXPECT_EQ(places(tiles),
            (std::vector<Rectangle>{{0, 0, 334, 2}, {334, 0, 332, 2}, {666, 0, 334, 2}}));
}

}  // namespace
}  // namespace rooms
