// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/reorder_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace rooms {
namespace {

using std::chrono::milliseconds;

bool reorders(const std::vector<int>& shown_at) {
  ReorderWatch watch;
  for (const int at : shown_at) watch.observe(Timestamp(milliseconds(at)));
  return watch.reorders();
}

TEST(ReorderWatch, SeesBFrames) { EXPECT_TRUE(reorders({0, 120, 40, 80, 240})); }
TEST(ReorderWatch, PicturesInOrderAreNone) { EXPECT_FALSE(reorders({0, 40, 80, 80, 120})); }
TEST(ReorderWatch, NorIsRounding) { EXPECT_FALSE(reorders({0, 41, 40, 80})); }
TEST(ReorderWatch, NorIsAStreamThatBeginsAnew) { EXPECT_FALSE(reorders({5000, 5040, 0, 40, 80})); }
TEST(ReorderWatch, SeesThemAfterItBeganAnew) { EXPECT_TRUE(reorders({5000, 5040, 0, 120, 40})); }

}  // namespace
}  // namespace rooms
