// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/frame_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(FrameChoice, TheNewestThatIsDueIsShown) {
  struct Row {
    const char* title;
    std::vector<int> times;  // ms
    int now;
    std::size_t due;
  };
  const Row rows[] = {
      {"nothing waits", {}, 100, 0},
      {"all in the future", {140, 180}, 100, 0},
      {"just in time", {100, 140}, 100, 1},
      {"late ones are shown too", {10, 20}, 100, 2},
      {"older ones are passed over", {20, 60, 99, 120}, 100, 3},
      {"a clock that is wrong by more than five seconds is not waited for", {9000}, 100, 1},
      {"an order that is none", {120, 60}, 100, 2},
  };
  for (const auto& row : rows) {
    std::vector<Timestamp> times;
    for (const int t : row.times) times.emplace_back(milliseconds(t));
    EXPECT_EQ(due_frames(times, Timestamp(milliseconds(row.now))), row.due) << row.title;
  }
}

TEST(FrameChoice, TheLastFrameStandsForAWhile) {
  const Timestamp shown(seconds(10));
  EXPECT_FALSE(is_fresh(std::nullopt, shown, seconds(3)));
  EXPECT_TRUE(is_fresh(shown, shown + seconds(3), seconds(3)));
  EXPECT_FALSE(is_fresh(shown, shown + milliseconds(3001), seconds(3)));
}

}  // namespace
}  // namespace rooms
