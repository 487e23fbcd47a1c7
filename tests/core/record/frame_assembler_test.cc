// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/frame_assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace rooms {
namespace {

using std::chrono::milliseconds;
const std::vector<std::uint8_t> kKey = {0x10, 0x02, 0x00, 0x00, 0x9D, 0x01,
                                        0x2A, 0x40, 0x01, 0xF0, 0x00, 0x55};
const std::vector<std::uint8_t> kDelta = {0x10, 0x01, 0x00, 0x00, 0x66};
const std::vector<std::uint8_t> kRest = {0x00, 0x77};

Timestamp at(int ms) { return Timestamp(milliseconds(ms)); }

class AssemblerTest : public testing::Test {
 protected:
  void send(std::uint16_t sequence, std::uint32_t frame, const std::vector<std::uint8_t>& payload,
            bool marker, int now_ms) {
    RtpHeader header;
    header.sequence = sequence;
    header.timestamp = frame * 3000;
    header.marker = marker;
    header.payload = payload;
    assembler_.push(header, at(static_cast<int>(frame) * 33), true, at(now_ms));
  }
  FrameAssembler assembler_{Codec::kVp8};
};

TEST_F(AssemblerTest, BeginsWithAKeyframe) {
  send(1, 0, kDelta, true, 0);
  EXPECT_TRUE(assembler_.take(at(0)).empty());
  EXPECT_TRUE(assembler_.wants_keyframe());
  send(2, 1, kKey, false, 10);
  send(3, 1, kRest, true, 10);
  send(4, 2, kDelta, true, 20);
  const auto frames = assembler_.take(at(20));
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(frames[0].keyframe);
  EXPECT_EQ(frames[0].time, at(33));
  EXPECT_EQ(frames[0].data.size(), 12U);
  EXPECT_FALSE(assembler_.wants_keyframe());
}

TEST_F(AssemblerTest, WaitsForAPacketThatIsSentAgain) {
  send(1, 0, kKey, true, 0);
  send(3, 2, kDelta, true, 40);
  EXPECT_EQ(assembler_.take(at(300)).size(), 1U);
  send(2, 1, kDelta, true, 400);
  EXPECT_EQ(assembler_.take(at(400)).size(), 2U);
  EXPECT_EQ(assembler_.counters().packets_lost, 0U);
}

TEST_F(AssemblerTest, AfterALossNothingComesUpToTheNextKeyframe) {
  send(1, 0, kKey, true, 0);
  send(3, 2, kDelta, true, 40);
  EXPECT_EQ(assembler_.take(at(600)).size(), 1U);
  EXPECT_TRUE(assembler_.wants_keyframe());
  send(4, 3, kKey, true, 610);
  send(5, 4, kDelta, true, 620);
  EXPECT_EQ(assembler_.take(at(620)).size(), 2U);
  const auto counters = assembler_.counters();
  EXPECT_EQ(counters.packets_lost, 1U);
  EXPECT_EQ(counters.skipped, 1U);
  send(2, 1, kDelta, true, 700);
  EXPECT_EQ(assembler_.counters().packets_late, 1U);
}

TEST_F(AssemblerTest, AFrameWhoseEndIsMissingIsLeftOut) {
  send(1, 0, kKey, false, 0);
  send(3, 1, kKey, true, 10);
  const auto frames = assembler_.take(at(600));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].time, at(33));
  EXPECT_EQ(assembler_.counters().incomplete, 1U);
}

TEST_F(AssemblerTest, OneThatNobodyTakesHasABound) {
  FrameAssembler::Config config;
  config.most_waiting = 100;
  FrameAssembler assembler(Codec::kVp8, config);
  for (std::uint16_t n = 0; n < 100; ++n) {
    RtpHeader header;
    header.sequence = n;
    header.timestamp = n * 3000U;
    header.marker = true;
    header.payload = kKey;
    assembler.push(header, at(n), true, at(n));
  }
  EXPECT_LE(assembler.take(at(100)).size(), 10U);
  EXPECT_GT(assembler.counters().overflown, 80U);
}

TEST_F(AssemblerTest, PacketsInAnyOrderGiveTheSameFrames) {
  const unsigned seed = 11;
  std::mt19937 random(seed);
  std::vector<std::uint16_t> numbers;
  for (std::uint16_t n = 1; n < 400; ++n) numbers.push_back(n);
  // No packet is further from its place than the receiver waits.
  for (std::size_t i = 0; i + 8 < numbers.size(); i += 8)
    std::shuffle(numbers.begin() + static_cast<std::ptrdiff_t>(i),
                 numbers.begin() + static_cast<std::ptrdiff_t>(i + 8), random);
  send(0xFFFF, 0, kKey, false, 0);
  send(0, 0, kRest, true, 0);
  for (const auto n : numbers) send(n, n, n % 50 == 0 ? kKey : kDelta, true, 0);
  const auto frames = assembler_.take(at(0));
  ASSERT_EQ(frames.size(), 400U) << "seed " << seed;
  EXPECT_TRUE(std::is_sorted(frames.begin(), frames.end(),
                             [](const auto& a, const auto& b) { return a.time < b.time; }));
}

TEST(TrackClockTest, ArrivalsBeforeTheFirstReportDoNotJitter) {
  TrackClock clock(48000);
  EXPECT_EQ(clock.time_of(0, at(100), false), at(100));
  EXPECT_EQ(clock.time_of(960, at(135), false), at(120));
  // Less delayed than the first one: the better guess.
  EXPECT_EQ(clock.time_of(1920, at(137), false), at(137));
  EXPECT_EQ(clock.time_of(2880, at(170), false), at(157));
  // Reports know.
  EXPECT_EQ(clock.time_of(3840, at(150), true), at(150));
  // A pause that the timestamps do not count.
  EXPECT_EQ(clock.time_of(4800, at(9000), false), at(9000));
}

}  // namespace
}  // namespace rooms
