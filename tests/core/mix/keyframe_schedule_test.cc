// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/keyframe_schedule.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Timestamp at(std::int64_t ms) { return Timestamp(milliseconds(ms)); }

TEST(KeyframeSchedule, TellsEachMomentOnceAndInAdvance) {
  const unsigned seed = 11;
  std::mt19937 random(seed);
  KeyframeSchedule schedule;
  schedule.follow(at(10'000), seconds(2));
  std::vector<Timestamp> told;
  for (std::int64_t now = 8000; now < 40'000; now += 150 + static_cast<int>(random() % 150)) {
    const auto moment = schedule.due(at(now));
    if (!moment) continue;
    EXPECT_GT(*moment, at(now)) << "seed " << seed;
    told.push_back(*moment);
  }
  ASSERT_EQ(told.size(), 16U);
  for (std::size_t i = 0; i < told.size(); ++i)
    EXPECT_EQ(told[i], at(10'000 + 2000 * static_cast<std::int64_t>(i)));
}

TEST(KeyframeSchedule, OfThoseThatWereMissedTheLastCounts) {
  KeyframeSchedule schedule;
  schedule.follow(at(0), seconds(2));
  EXPECT_EQ(schedule.due(at(0)), at(0));
  EXPECT_EQ(schedule.due(at(7000)), at(6000));
  EXPECT_EQ(schedule.due(at(7100)), std::nullopt);
  EXPECT_EQ(schedule.due(at(7500)), at(8000));
}

TEST(KeyframeSchedule, SegmentsOfAnyLengthBeginWithOne) {
  for (int s = 1; s <= 10; ++s) {
    const auto interval = KeyframeSchedule::interval_for(seconds(s));
    EXPECT_LE(interval, KeyframeSchedule::kUsual);
    EXPECT_GT(interval, milliseconds(950));
    EXPECT_LT(seconds(s) % interval, milliseconds(1)) << s;
  }
}

}  // namespace
}  // namespace rooms
