// SPDX-License-Identifier: LGPL-2.1-or-later
// The estimator's own interface: bounds, REMB, and feedback that makes no sense.
#include <gtest/gtest.h>

#include "gst/core/bwe/bandwidth_estimator.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

PacketResult result(std::int64_t sequence, Timestamp sent, std::optional<Duration> arrival) {
  PacketResult packet;
  packet.sequence = sequence;
  packet.sent = sent;
  packet.arrival = arrival;
  packet.size = 1200;
  return packet;
}

TEST(BandwidthEstimatorInput, BeginsWithItsStartingEstimateWithinBounds) {
  EXPECT_EQ(BandwidthEstimator({.start = kbit(700)}).estimate(), kbit(700));
  EXPECT_EQ(BandwidthEstimator({.start = kbit(700), .max = kbit(500)}).estimate(), kbit(500));
  BandwidthEstimator estimator;
  estimator.set_bounds(kbit(1000), kbit(900));
  EXPECT_EQ(estimator.estimate(), kbit(1000)) << "a maximum below the minimum counts as that";
  EXPECT_TRUE(estimator.observe({}, at_ms(1)).estimate == kbit(1000));
}

TEST(BandwidthEstimatorInput, RembIsTheEstimateUntilFeedbackComesAndACeilingFromThenOn) {
  BandwidthEstimator estimator({.start = kbit(300)});
  EXPECT_TRUE(estimator.observe_remote_limit(kbit(800), at_ms(0)).changed);
  EXPECT_EQ(estimator.estimate(), kbit(800));
  EXPECT_EQ(estimator.observe_remote_limit(kbit(1), at_ms(1)).estimate, kbit(30)) << "the minimum";
  estimator.observe_remote_limit(kbit(250), at_ms(2));
  const PacketResult first[] = {result(1, at_ms(0), ms(1000))};
  EXPECT_LE(estimator.observe(first, at_ms(40)).estimate, kbit(250));
  estimator.observe_remote_limit(kbit(9000), at_ms(50));
  EXPECT_LT(estimator.estimate(), kbit(400)) << "feedback counts, not the peer's word";
}

TEST(BandwidthEstimatorInput, DoesNotProbeAConnectionThatSendsNothing) {
  BandwidthEstimator estimator;
  EXPECT_FALSE(estimator.probe(at_ms(0)));
  estimator.sent({DataSize::bytes(100), at_ms(1)});
  const auto first = estimator.probe(at_ms(1));
  const auto second = estimator.probe(at_ms(1));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->rate, kbit(900));
  EXPECT_EQ(second->rate, kbit(1800));
  EXPECT_NE(first->id, second->id);
  EXPECT_FALSE(estimator.probe(at_ms(1)));
}

TEST(BandwidthEstimatorInput, ProbesNoFurtherThanWhatCouldBeUsed) {
  BandwidthEstimator estimator;
  estimator.set_wanted(kbit(240));
  estimator.sent({DataSize::bytes(100), at_ms(1)});
  EXPECT_FALSE(estimator.probe(at_ms(1))) << "the estimate covers it";
  estimator.set_wanted(kbit(400));
  EXPECT_FALSE(estimator.probe(at_ms(2)));
  EXPECT_EQ(estimator.probe(at_ms(5100))->rate, kbit(600));
  estimator.set_wanted(kbit(290));
  EXPECT_EQ(estimator.probe(at_ms(10'300))->rate, kbit(580)) << "no more than twice of it";
}

TEST(BandwidthEstimatorInput, WhatNeverArrivedIsLossAndWhatCameLateIsNot) {
  BandwidthEstimator estimator;
  std::int64_t sequence = 0;
  for (int i = 0; i < 100; ++i) {
    std::vector<PacketResult> batch;
    for (int k = 0; k < 10; ++k) {
      const Timestamp sent = at_ms(i * 100 + k * 10);
      batch.push_back(result(++sequence, sent,
                             k % 2 == 0 ? std::optional(ms(i * 100 + k * 10)) : std::nullopt));
    }
    estimator.observe(batch, at_ms(i * 100 + 140));
  }
  EXPECT_NEAR(estimator.stats().loss, 0.5, 0.05);
  EXPECT_EQ(estimator.stats().lost, 500U);
  EXPECT_LT(estimator.estimate(), kbit(100));
}

/// Whatever a peer says, the estimate stays within its bounds and the numbers finite.
TEST(BandwidthEstimatorInput, NonsenseStaysWithinBounds) {
  Random random;
  SCOPED_TRACE(random.seed());
  BandwidthEstimator estimator({.start = kbit(300), .min = kbit(50), .max = kbit(4000)});
  Timestamp now{};
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::microseconds(random.between(0, 100'000));
    if (random.one_in(50)) now += std::chrono::hours(random.between(0, 1000));
    PacketResult packet;
    packet.sequence = random.between<std::int64_t>(-1'000'000, 1'000'000);
    packet.sent = now - std::chrono::milliseconds(random.between(-10'000, 10'000));
    packet.size = random.one_in(3) ? random.u32() : 1200;
    packet.probe = random.between(-1, 12);
    packet.was_lost = random.one_in(2);
    if (!random.one_in(4))
      packet.arrival = Duration(static_cast<std::int64_t>(random.bits()) >> random.between(2, 40));
    estimator.sent({DataSize::bytes(packet.size), now});
    estimator.probe(now);
    if (random.one_in(100))
      estimator.observe_remote_limit(
          DataRate::bits_per_second(random.between<std::int64_t>(0, INT64_MAX / 2)), now);
    const auto update = estimator.observe({&packet, 1}, now);
    estimator.tick(now);
    ASSERT_GE(update.estimate, kbit(50));
    ASSERT_LE(update.estimate, kbit(4000));
    const auto stats = estimator.stats();
    ASSERT_FALSE(std::isnan(stats.trend) || std::isnan(stats.threshold));
    ASSERT_GE(stats.loss, 0);
    ASSERT_LE(stats.loss, 1);
  }
}

}  // namespace
}  // namespace rooms
