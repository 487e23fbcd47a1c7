// SPDX-License-Identifier: LGPL-2.1-or-later
// The whole estimator, paced and probing, against simulated links. ROOMS_TEST_SEED varies them.
#include <gtest/gtest.h>

#include "tests/support/simulated_call.h"

namespace rooms::test {
namespace {

using namespace std::chrono_literals;
using Sample = SimulatedCall::Sample;

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

LinkPlan link_of(std::int64_t kilobits) { return {.capacity = {{0s, kbit(kilobits)}}}; }

/// So that a failure says what was drawn, too.
std::string story(const SimulatedCall& call) { return call.seed() + call.story(); }

class ConstantLink : public testing::TestWithParam<int> {};

TEST_P(ConstantLink, IsFoundWithin15PercentAndItsQueueStaysShort) {
  SimulatedCall call({.link = link_of(GetParam())});
  call.run_until(20s);
  SCOPED_TRACE(story(call));
  const auto mean = call.mean_estimate(10s, 20s);
  EXPECT_GT(mean, kbit(GetParam()) * 0.85);
  EXPECT_LT(mean, kbit(GetParam()) * 1.05);
  EXPECT_LE(call.longest(10s, [](const Sample& s) { return !is_within(s, 0.15); }), 1500ms);
  EXPECT_LE(call.longest(0s, [](const Sample& s) { return s.estimate > s.capacity * 1.2; }), 1s);
  EXPECT_LT(call.queueing(5s, 0.95), 100ms);
}
INSTANTIATE_TEST_SUITE_P(Kilobits, ConstantLink, testing::Values(300, 500, 1000, 2000, 3000));

TEST(BandwidthEstimator, FollowsALargeDropWithin3SecondsAndComesBackWithin10) {
  SimulatedCall call(
      {.link = {.capacity = {{0s, kbit(5000)}, {8s, kbit(500)}, {18s, kbit(5000)}}}});
  call.run_until(28s);
  SCOPED_TRACE(story(call));
  const auto near = [](const Sample& s) { return is_within(s, 0.2); };
  EXPECT_LT(call.first(0s, near).value_or(99s), 8s);
  EXPECT_LT(call.first(8s, [](const Sample& s) { return s.estimate < kbit(600); }).value_or(99s),
            11s);
  EXPECT_LT(call.first(18s, near).value_or(99s), 28s);
}

TEST(BandwidthEstimator, FollowsRamps) {
  SimulatedCall call({.link = {.capacity = {{0s, kbit(3000)},
                                            {5s, kbit(3000)},
                                            {15s, kbit(800), true},
                                            {25s, kbit(2400), true}}}});
  call.run_until(26s);
  SCOPED_TRACE(story(call));
  EXPECT_LE(call.longest(5s, [](const Sample& s) { return s.estimate > s.capacity * 1.2; }), 1s);
  EXPECT_LT(call.queueing(5s, 0.95), 150ms);
  EXPECT_GT(call.mean_estimate(24s, 26s), kbit(1400));
}

TEST(BandwidthEstimator, LossWithoutDelayLeavesMostOfTheLink) {
  auto link = link_of(2000);
  link.loss = 0.05;
  SimulatedCall call({.link = link});
  call.run_until(25s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.mean_estimate(8s, 25s), kbit(1400));
  EXPECT_NEAR(call.estimator().stats().loss, 0.05, 0.04);
}

TEST(BandwidthEstimator, BurstsOfLossLeaveMostOfTheLink) {
  auto link = link_of(2000);
  link.burst_begins = 0.005;
  link.burst_ends = 0.2;
  SimulatedCall call({.link = link});
  call.run_until(20s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.mean_estimate(8s, 20s), kbit(1400));
}

TEST(BandwidthEstimator, AQueueTooShortToDelayLimitsByLoss) {
  auto link = link_of(1000);
  link.queue = 30ms;
  SimulatedCall call({.link = link, .estimator = {.start = kbit(2500)}});
  call.run_until(15s);
  SCOPED_TRACE(story(call));
  EXPECT_LT(call.mean_estimate(5s, 15s), kbit(1150));
  EXPECT_GT(call.mean_estimate(5s, 15s), kbit(700));
  EXPECT_LT(call.estimator().stats().loss, 0.15);
}

TEST(BandwidthEstimator, MakesRoomForAnotherFlowAndTakesItBack) {
  SimulatedCall call({.link = link_of(2000), .competitor = {8s, 18s, kbit(1000)}});
  call.run_until(28s);
  SCOPED_TRACE(story(call));
  const auto shared = call.mean_estimate(12s, 18s);
  EXPECT_GT(shared, kbit(700));
  EXPECT_LT(shared, kbit(1150));
  EXPECT_GT(call.mean_estimate(26s, 28s), kbit(1600));
}

TEST(BandwidthEstimator, JitterIsNoCongestion) {
  auto link = link_of(1500);
  link.jitter = 15ms;
  SimulatedCall call({.link = link});
  call.run_until(20s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.mean_estimate(8s, 20s), kbit(1150));
}

TEST(BandwidthEstimator, PacketsThatOvertakeEachOtherAreNoCongestion) {
  auto link = link_of(1500);
  link.jitter = 30ms;
  link.reorders = true;
  SimulatedCall call({.link = link});
  call.run_until(20s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.mean_estimate(8s, 20s), kbit(900));
  EXPECT_LT(call.estimator().stats().loss, 0.01);
}

TEST(BandwidthEstimator, LostLateAndReorderedFeedbackChangesLittle) {
  CallPlan plan{.link = link_of(1500)};
  plan.way_back.loss = 0.2;
  plan.way_back.jitter = 80ms;
  plan.way_back.reorders = true;
  SimulatedCall call(plan);
  call.run_until(20s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.mean_estimate(8s, 20s), kbit(1200));
  EXPECT_LT(call.mean_estimate(8s, 20s), kbit(1600));
}

TEST(BandwidthEstimator, JumpsOfThePeersClockAreNoCongestion) {
  for (const Duration jump : {Duration(-3600s), Duration(3600s * 24 * 30)}) {
    SimulatedCall call({.link = link_of(1500), .clock_jump = jump, .clock_jump_at = 8s});
    call.run_until(14s);
    SCOPED_TRACE(story(call));
    EXPECT_EQ(call.estimator().stats().clock_jumps, 1U);
    EXPECT_LE(call.longest(6s, [](const Sample& s) { return !is_within(s, 0.2); }), 500ms);
  }
}

TEST(BandwidthEstimator, ProbesFindWhatTheApplicationDoesNotUse) {
  SimulatedCall call({.link = link_of(4000), .application = kbit(400)});
  call.run_until(12s);
  SCOPED_TRACE(story(call));
  EXPECT_TRUE(call.estimator().application_limited());
  EXPECT_GT(call.mean_estimate(8s, 12s), kbit(3000));
  EXPECT_LT(call.mean_estimate(8s, 12s), kbit(4600));
}

TEST(BandwidthEstimator, WithoutPacingAndProbesItClimbsByItself) {
  SimulatedCall call({.link = link_of(1500), .paces = false});
  call.run_until(30s);
  SCOPED_TRACE(story(call));
  EXPECT_EQ(call.estimator().stats().probes, 0U);
  EXPECT_GT(call.mean_estimate(25s, 30s), kbit(1200));
  EXPECT_LT(call.queueing(10s, 0.95), 150ms);
}

TEST(BandwidthEstimator, ALinkThatAnswersNothingIsLeftAlmostAlone) {
  CallPlan plan{.link = link_of(2000)};
  plan.link.dead_from = 5s;
  SimulatedCall call(plan);
  call.run_until(15s);
  SCOPED_TRACE(story(call));
  EXPECT_GT(call.estimator().stats().feedback_timeouts, 3U);
  EXPECT_LT(call.estimator().estimate(), kbit(200));
}

}  // namespace
}  // namespace rooms::test
