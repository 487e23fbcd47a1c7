// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/liveness.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::seconds;

Timestamp at(int s) { return Timestamp(seconds(s)); }

TEST(Liveness, IsLostAfterFiveSecondsOfSilence) {
  Liveness liveness(at(100));
  EXPECT_FALSE(liveness.lost(at(104)));
  EXPECT_TRUE(liveness.lost(at(105)));
  liveness.observe(at(104));
  EXPECT_FALSE(liveness.lost(at(108)));
}

TEST(Liveness, GivesFifteenSecondsToResumeAfterAGoodbyeOfTheSocket) {
  const Liveness liveness(at(100));
  EXPECT_EQ(liveness.time_to_resume(at(101)), seconds(15));
}

TEST(Liveness, EndsWithinTwentySecondsOfTheLastSignOfLifeHoweverLateItWasNoticed) {
  const Liveness liveness(at(100));
  for (int noticed = 100; noticed < 130; ++noticed) {
    const auto end = at(noticed) + liveness.time_to_resume(at(noticed));
    EXPECT_LE(end, std::max(at(noticed), at(119))) << noticed;
    EXPECT_GE(liveness.time_to_resume(at(noticed)), seconds(0));
  }
}

}  // namespace
}  // namespace rooms
