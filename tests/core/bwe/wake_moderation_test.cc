// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/pacing/wake_moderation.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

class WakeModerationTest : public testing::Test {
 protected:
  /// A datagram each `gap` for `time`; how many of them found that the next may wait.
  int flow(Duration gap, Duration time) {
    int pauses = 0;
    for (const auto end = now_ + time; now_ < end; now_ += gap) {
      const auto until = moderation_.pause_after(1, now_);
      pauses += until ? 1 : 0;
      EXPECT_EQ(until.value_or(now_ + milliseconds(2)), now_ + milliseconds(2));
    }
    return pauses;
  }

  WakeModeration moderation_{milliseconds(2)};
  Timestamp now_{std::chrono::seconds(100)};
};

TEST_F(WakeModerationTest, NothingWaitsWhereNothingWouldGather) {
  EXPECT_EQ(flow(milliseconds(1), milliseconds(500)), 0);
}

TEST_F(WakeModerationTest, WhereMuchComesItIsLetGather) {
  flow(microseconds(250), milliseconds(100));
  EXPECT_EQ(flow(microseconds(250), milliseconds(100)), 400);
}

TEST_F(WakeModerationTest, WhatEndsIsForgottenWithinTheNextWindow) {
  flow(microseconds(250), milliseconds(100));
  now_ += milliseconds(50);
  EXPECT_FALSE(moderation_.pause_after(1, now_)) << "the first after a silence";
}

TEST_F(WakeModerationTest, ABurstAloneIsNoReason) {
  flow(milliseconds(5), milliseconds(100));
  EXPECT_FALSE(moderation_.pause_after(10, now_ += milliseconds(5)));
  EXPECT_EQ(flow(milliseconds(5), milliseconds(100)), 0);
}

TEST(WakeModeration, CanBeOff) {
  WakeModeration off{Duration{}};
  for (auto now = Timestamp(std::chrono::seconds(1)); now < Timestamp(std::chrono::seconds(2));
       now += microseconds(100))
    ASSERT_FALSE(off.pause_after(1, now));
}

}  // namespace
}  // namespace rooms
