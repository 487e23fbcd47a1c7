// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/feed_stamper.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

Timestamp at(int ms) { return Timestamp(std::chrono::milliseconds(ms)); }

TEST(FeedStamper, MovesAsThePayloaderDoesWithinAConnection) {
  FeedStamper stamper(48000, 100, 7);
  const auto first = stamper.stamp(500, 9000, at(1000));
  EXPECT_EQ(first.sequence, 100);
  EXPECT_EQ(first.timestamp, 48007U);
  // Late by some milliseconds: sound goes on by samples all the same.
  const auto second = stamper.stamp(501, 9960, at(1033));
  EXPECT_EQ(second.sequence, 101);
  EXPECT_EQ(second.timestamp, first.timestamp + 960);
}

TEST(FeedStamper, GoesOnWithAnotherConnectionAsMuchLaterAsItIs) {
  FeedStamper stamper(90000, 0xFFFF, 0xFFFF0000);
  const auto before = stamper.stamp(1, 0, at(1000));
  stamper.begin_anew();
  const auto after = stamper.stamp(40000, 123456789, at(4000));
  EXPECT_EQ(after.sequence, 0);
  EXPECT_EQ(after.timestamp - before.timestamp, 270000U);
}

TEST(FeedStamper, NeverGoesBackInTime) {
  FeedStamper stamper(90000, 0, 0);
  const auto before = stamper.stamp(0, 90000, at(5000));
  const auto ahead = stamper.stamp(1, 900000, at(5010));
  stamper.begin_anew();
  const auto after = stamper.stamp(0, 0, at(5020));
  EXPECT_GT(static_cast<std::int32_t>(ahead.timestamp - before.timestamp), 0);
  EXPECT_GT(static_cast<std::int32_t>(after.timestamp - ahead.timestamp), 0);
}

}  // namespace
}  // namespace rooms
