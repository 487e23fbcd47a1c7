// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/rising_times.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;

Timestamp at(int ms) { return Timestamp(milliseconds(ms)); }

TEST(RisingTimes, LeavesTimesThatRiseAsTheyAre) {
  RisingTimes times{milliseconds(2)};
  for (const int ms : {0, 20, 40, 43, 1000}) EXPECT_EQ(times.next(at(ms)), at(ms));
}

TEST(RisingTimes, PutsWhatGoesBackCloselyBehindUntilItIsRightAgain) {
  RisingTimes times{milliseconds(2)};
  EXPECT_EQ(times.next(at(100)), at(100));
  // 50 ms earlier than was thought.
  EXPECT_EQ(times.next(at(70)), at(102));
  EXPECT_EQ(times.next(at(90)), at(104));
  EXPECT_EQ(times.next(at(110)), at(110));
  EXPECT_EQ(times.next(at(130)), at(130));
}

TEST(RisingTimes, NeverStandStill) {
  RisingTimes times{milliseconds(2)};
  times.next(at(100));
  EXPECT_EQ(times.next(at(100)), at(102));
}

}  // namespace
}  // namespace rooms
