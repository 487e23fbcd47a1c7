// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/layer_rates.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;

/// One layer of one encoding, looked at twice a second.
class Course {
 public:
  std::uint64_t then(std::uint64_t measured, bool active = true) {
    now_ += milliseconds(500);
    std::vector<TrackLayer> layers{{"h", 1, 2, 640, 360, measured, active}};
    rates_.apply(layers, now_);
    return layers[0].bitrate;
  }

 private:
  LayerRates rates_;
  Timestamp now_{};
};

TEST(LayerRates, ARateThatSwingsIsTakenAsItsMean) {
  Course course;
  std::uint64_t least = 1'000'000;
  std::uint64_t most = 0;
  for (int i = 0; i < 40; ++i) {
    const auto rate = course.then(i % 2 == 0 ? 300'000 : 420'000);
    if (i < 10) continue;
    least = std::min(least, rate);
    most = std::max(most, rate);
  }
  EXPECT_GT(least, 340'000U);
  EXPECT_LT(most, 380'000U);
}

TEST(LayerRates, AFirstKeyframeIsSoonForgotten) {
  Course course;
  course.then(900'000);
  std::uint64_t rate = 0;
  for (int i = 0; i < 10; ++i) rate = course.then(300'000);
  EXPECT_LT(rate, 450'000U);
}

TEST(LayerRates, AStillPictureThatMovesCountsAtOnce) {
  Course course;
  for (int i = 0; i < 20; ++i) course.then(100'000);
  EXPECT_EQ(course.then(1'500'000), 1'500'000U);
}

TEST(LayerRates, WhatRestsIsTriedAgainAtLess) {
  Course course;
  for (int i = 0; i < 20; ++i) course.then(1'000'000);
  EXPECT_EQ(course.then(1'000'000, false), 1'000'000U);
  for (int i = 0; i < 8; ++i) course.then(1'000'000, false);
  EXPECT_NEAR(static_cast<double>(course.then(1'000'000, false)), 910'000, 1000);
  for (int i = 0; i < 100; ++i) course.then(1'000'000, false);
  EXPECT_EQ(course.then(1'000'000, false), 800'000U) << "but not for nothing";
  EXPECT_EQ(course.then(1'000'000), 1'000'000U) << "it flows, and is measured";
}

TEST(LayerRates, WhatIsNotMeasuredStaysSo) {
  Course course;
  EXPECT_EQ(course.then(0), 0U);
  EXPECT_EQ(course.then(200'000), 200'000U);
}

}  // namespace
}  // namespace rooms
