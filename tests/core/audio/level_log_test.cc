// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/level_log.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using std::chrono::milliseconds;

Timestamp at(std::int64_t ms) { return Timestamp{} + milliseconds(ms); }

std::vector<std::int64_t> times_of(const std::vector<HeardLevel>& levels) {
  std::vector<std::int64_t> times;
  for (const auto& one : levels) times.push_back(one.when.time_since_epoch() / milliseconds(1));
  return times;
}

TEST(LevelLog, TellsWhatCameSinceTheLastTime) {
  LevelLog log(48000);
  EXPECT_TRUE(log.take().empty());
  log.add(20, 960, at(1000));
  log.add(127, 1920, at(1020));
  const auto levels = log.take();
  ASSERT_EQ(levels.size(), 2U);
  EXPECT_EQ(levels[0].level, 20);
  EXPECT_EQ(levels[1].level, 127);
  EXPECT_EQ(times_of(levels), (std::vector<std::int64_t>{1000, 1020}));
  EXPECT_TRUE(log.take().empty());
}

TEST(LevelLog, ABurstIsSpreadOverTheTimeOfItsSound) {
  LevelLog log(48000);
  for (std::uint32_t i = 0; i < 5; ++i) log.add(20, 0U - 1920U + i * 960U, at(2000));
  EXPECT_EQ(times_of(log.take()), (std::vector<std::int64_t>{1920, 1940, 1960, 1980, 2000}));
}

TEST(LevelLog, TimestampsThatLeapOrRunBackAreNotBelieved) {
  LevelLog log(48000);
  log.add(20, 500'000'000, at(1000));
  log.add(20, 2000, at(1020));
  log.add(20, 960, at(1040));
  EXPECT_EQ(times_of(log.take()), (std::vector<std::int64_t>{1000, 1020, 1040}));
}

TEST(LevelLog, KeepsTheNewestOfTooMany) {
  LevelLog log(48000);
  for (std::uint32_t i = 0; i < 100; ++i)
    log.add(static_cast<std::uint8_t>(i), i * 960, at(20 * i));
  const auto levels = log.take();
  ASSERT_EQ(levels.size(), 64U);
  EXPECT_EQ(levels.front().level, 36);
  EXPECT_EQ(levels.back().level, 99);
}

}  // namespace
}  // namespace rooms
