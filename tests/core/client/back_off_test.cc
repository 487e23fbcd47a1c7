// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/back_off.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;

TEST(BackOff, DoublesUpToTheLongestWait) {
  BackOff back_off;
  Duration before{};
  for (int i = 0; i < 6; ++i) {
    const auto wait = back_off.next(0.5);
    EXPECT_TRUE(i == 0 || wait == 2 * before || wait == BackOff::kLast) << i;
    before = wait;
  }
  for (int i = 0; i < 1000; ++i) before = back_off.next(0.5);
  EXPECT_EQ(before, BackOff::kLast);
}

TEST(BackOff, SpreadsByAQuarterAndStartsAgain) {
  BackOff back_off;
  EXPECT_EQ(back_off.next(0), milliseconds(375));
  back_off.reset();
  EXPECT_EQ(back_off.next(1), milliseconds(625));
  EXPECT_EQ(back_off.attempts(), 1u);
  back_off.reset();
  EXPECT_EQ(back_off.next(7), milliseconds(625));
}

}  // namespace
}  // namespace rooms
