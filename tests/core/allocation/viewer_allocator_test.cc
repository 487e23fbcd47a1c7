// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/viewer_allocator.h"

#include <gtest/gtest.h>

#include "tests/core/allocation/layers.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

Timestamp at(double s) { return Timestamp{} + milliseconds(static_cast<std::int64_t>(s * 1000)); }

ViewerAllocator::Slot slot(const std::string& track, std::vector<LayerOption> layers) {
  ViewerAllocator::Slot one;
  one.track = track;
  one.wish.layers = std::move(layers);
  return one;
}

/// Two cameras of three layers, lowest 60 kbit/s, as in layers.h.
std::vector<ViewerAllocator::Slot> cameras() {
  return {slot("ada/camera", camera()), slot("bob/camera", camera())};
}

LineState line(std::int64_t rate) { return {kbps(rate), true, true}; }

std::string layers_at(ViewerAllocator& viewer, std::int64_t rate, double time) {
  return layers_of(viewer.update(line(rate), kbps(40), cameras(), at(time)));
}

TEST(ViewerAllocator, ALineOfWhichNothingIsKnownHasNoLimit) {
  ViewerAllocator viewer;
  const LineState silent{kbps(300), false, false};
  EXPECT_EQ(layers_of(viewer.update(silent, kbps(40), cameras(), at(0))), "2.2 2.2");
  EXPECT_TRUE(viewer.is_unlimited(silent, at(0)));
}

TEST(ViewerAllocator, WhoWillTellHasTheFirstGuessUntilThenAndIsNotWaitedForForEver) {
  ViewerAllocator viewer;
  const LineState promised{kbps(300), false, true};
  EXPECT_EQ(layers_of(viewer.update(promised, kbps(40), cameras(), at(0))), "0.2 0.1");
  EXPECT_EQ(layers_of(viewer.update(promised, kbps(40), cameras(), at(4.9))), "0.2 0.1");
  EXPECT_EQ(layers_of(viewer.update(promised, kbps(40), cameras(), at(5))), "2.2 2.2");
}

TEST(ViewerAllocator, PausesNobodyBeforeTheLineIsKnown) {
  ViewerAllocator viewer;
  EXPECT_EQ(layers_at(viewer, 50, 0), "0.0 0.0");
  EXPECT_EQ(layers_at(viewer, 50, 3.9), "0.0 0.0");
  // From then on patience begins.
  EXPECT_EQ(layers_at(viewer, 50, 4), "0.0 0.0");
  EXPECT_EQ(layers_at(viewer, 50, 7.9), "0.0 0.0");
  EXPECT_EQ(layers_at(viewer, 50, 8), "- -");
  EXPECT_EQ(reasons_of(viewer.allocation()), "paused-for-budget paused-for-budget");
}

TEST(ViewerAllocator, AShortDipPausesNobody) {
  ViewerAllocator viewer;
  layers_at(viewer, 2000, 0);
  layers_at(viewer, 2000, 10);
  EXPECT_EQ(layers_at(viewer, 50, 11), "0.0 0.0");
  EXPECT_EQ(reasons_of(viewer.allocation()), "budget budget");
  EXPECT_NE(layers_at(viewer, 2000, 11.5), "- -");
  EXPECT_EQ(layers_at(viewer, 50, 16), "0.0 0.0") << "patience began anew";
}

TEST(ViewerAllocator, WhatWasPausedRestsForAWhile) {
  ViewerAllocator viewer;
  layers_at(viewer, 50, 0);
  layers_at(viewer, 50, 4);
  ASSERT_EQ(layers_at(viewer, 50, 8), "- -");
  EXPECT_EQ(layers_at(viewer, 5000, 9.9), "- -");
  EXPECT_EQ(layers_at(viewer, 5000, 10), "2.2 2.2");
}

TEST(ViewerAllocator, WhereNothingIsSentOneIsTriedAgain) {
  ViewerAllocator viewer;
  const auto at_time = [&](std::int64_t audio, double time) {
    return layers_of(viewer.update(line(30), kbps(audio), cameras(), at(time)));
  };
  at_time(0, 0);
  at_time(0, 4);
  ASSERT_EQ(at_time(0, 8), "- -");
  EXPECT_EQ(at_time(0, 12.9), "- -");
  EXPECT_EQ(at_time(0, 13), "0.0 -") << "something has to flow for the line to be measured";
  EXPECT_EQ(at_time(0, 16.9), "0.0 -");
  EXPECT_EQ(at_time(0, 17), "- -") << "the line is as narrow as before";
  EXPECT_EQ(at_time(0, 21.9), "- -");
  EXPECT_NE(at_time(0, 22), "- -");
  EXPECT_EQ(at_time(0, 26), "- -");
  EXPECT_EQ(at_time(10, 40), "- -") << "sound flows, and measures it";
}

/// Pictures of several slots grow one after the other, which is tested by itself.
std::string layer_at(ViewerAllocator& viewer, std::int64_t rate, double time) {
  return layers_of(viewer.update(line(rate), kbps(40), {slot("ada/camera", camera())}, at(time)));
}

TEST(ViewerAllocator, FallsAtOnceAndRisesAfterAWhile) {
  ViewerAllocator viewer;
  layer_at(viewer, 5000, 0);
  ASSERT_EQ(layer_at(viewer, 5000, 10), "2.2");
  EXPECT_EQ(layer_at(viewer, 700, 10.1), "1.2");
  EXPECT_EQ(layer_at(viewer, 5000, 12), "1.2");
  EXPECT_EQ(reasons_of(viewer.allocation()), "raise-margin");
  EXPECT_EQ(layer_at(viewer, 5000, 12.1), "2.2");
}

TEST(ViewerAllocator, WhatRoseInVainWaitsLongerEachTime) {
  ViewerAllocator viewer;
  layer_at(viewer, 5000, 0);
  double now = 10;
  layer_at(viewer, 5000, now);
  for (const double wait : {2, 4, 8, 16, 16}) {
    ASSERT_EQ(layer_at(viewer, 700, now), "1.2");
    EXPECT_EQ(layer_at(viewer, 5000, now + wait - 0.1), "1.2");
    EXPECT_EQ(layer_at(viewer, 5000, now + wait), "2.2");
    now += wait + 1;
  }
  // This one lasted.
  now += 10;
  ASSERT_EQ(layer_at(viewer, 700, now), "1.2");
  EXPECT_EQ(layer_at(viewer, 5000, now + 2), "2.2");
}

TEST(ViewerAllocator, AFrameRateThatFellRisesSoonerThanASize) {
  ViewerAllocator viewer;
  layer_at(viewer, 5000, 0);
  double now = 10;
  for (int i = 0; i < 3; ++i) {  // sizes in vain: eight seconds to wait
    ASSERT_EQ(layer_at(viewer, 5000, now), "2.2");
    ASSERT_EQ(layer_at(viewer, 400, now + 1), "1.1");
    now += i < 2 ? 1 + (2 << i) : 1;
  }
  EXPECT_EQ(layer_at(viewer, 5000, now + 0.9), "1.1");
  EXPECT_EQ(layer_at(viewer, 5000, now + 1), "1.2");
  EXPECT_EQ(layer_at(viewer, 5000, now + 7.9), "1.2");
  EXPECT_EQ(layer_at(viewer, 5000, now + 8), "2.2");
}

TEST(ViewerAllocator, FallsAfterOneRiseCountOnce) {
  ViewerAllocator viewer;
  layer_at(viewer, 5000, 0);
  ASSERT_EQ(layer_at(viewer, 5000, 10), "2.2");
  ASSERT_EQ(layer_at(viewer, 700, 11), "1.2");
  ASSERT_EQ(layer_at(viewer, 150, 11.3), "0.1") << "while the line's queue drains";
  EXPECT_EQ(layer_at(viewer, 5000, 13.2), "0.2");
  EXPECT_EQ(layer_at(viewer, 5000, 13.3), "2.2");
}

TEST(ViewerAllocator, AShortDipTakesFrameRatesNotSizes) {
  ViewerAllocator viewer;
  layers_at(viewer, 1250, 0);
  layers_at(viewer, 1250, 1);
  ASSERT_EQ(layers_at(viewer, 1250, 10), "1.2 1.2");
  EXPECT_EQ(layers_at(viewer, 600, 11), "1.1 1.1");
  EXPECT_EQ(layers_at(viewer, 600, 11.4), "1.1 1.1");
  EXPECT_EQ(layers_at(viewer, 600, 11.5), "1.1 0.1");
}

TEST(ViewerAllocator, PicturesGrowOneAfterTheOther) {
  ViewerAllocator viewer;
  ASSERT_EQ(layers_at(viewer, 290, 0), "0.1 0.1");
  EXPECT_EQ(layers_at(viewer, 5000, 0.5), "2.2 0.1");
  EXPECT_EQ(reasons_of(viewer.allocation()), "top-layer raise-margin");
  EXPECT_EQ(layers_at(viewer, 5000, 1), "2.2 0.1");
  EXPECT_EQ(layers_at(viewer, 5000, 1.5), "2.2 2.2");
}

TEST(ViewerAllocator, AnEstimateThatSwingsByATenthChangesFewFrameRates) {
  for (int rate = 250; rate < 2500; rate += 50) {
    ViewerAllocator viewer;
    for (int i = 0; i < 20; ++i) layers_at(viewer, rate, i * 0.5);
    auto before = layers_at(viewer, rate, 10);
    int changes = 0;
    for (int i = 1; i <= 120; ++i) {
      const auto now = layers_at(viewer, i % 2 == 0 ? rate : rate * 9 / 10, 10 + i * 0.5);
      changes += now != before ? 1 : 0;
      before = now;
    }
    EXPECT_LE(changes, 12) << rate << " kbit/s, in a minute";
  }
}

TEST(ViewerAllocator, ANewTrackHasNoMemory) {
  ViewerAllocator viewer;
  layers_at(viewer, 5000, 0);
  layers_at(viewer, 1300, 10);
  const auto& now = viewer.update(line(5000), kbps(40), {slot("eve/camera", camera())}, at(10.5));
  EXPECT_EQ(layers_of(now), "2.2");
}

TEST(ViewerAllocator, TellsWhatTheLineCouldBeUsedFor) {
  ViewerAllocator viewer;
  layers_at(viewer, 300, 0);
  EXPECT_EQ(viewer.wanted(), kbps(2 * 1700 + 40));
  auto small = cameras();
  for (auto& one : small) one.wish.tile_pixels = 320 * 180;
  viewer.update(line(300), kbps(40), small, at(1));
  EXPECT_EQ(viewer.wanted(), kbps(2 * 150 + 40));
}

}  // namespace
}  // namespace rooms
