// SPDX-License-Identifier: LGPL-2.1-or-later
// SendEndpoint on simulated links: estimate, pacing, probes, and RTCP that makes no sense.
#include <gtest/gtest.h>

#include "tests/support/simulated_connection.h"

namespace rooms::test {
namespace {

using namespace std::chrono_literals;
using Sample = EstimateLog::Sample;
using Trip = SimulatedConnection::Trip;

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }

LinkPlan link_of(std::int64_t kilobits) { return {.capacity = {{0s, kbit(kilobits)}}}; }

class ConstantLine : public testing::TestWithParam<int> {};

TEST_P(ConstantLine, IsFoundWithin15PercentWithoutOvershoot) {
  SimulatedConnection connection({.link = link_of(GetParam()), .wanted = kbit(6000)});
  connection.run_until(20s);
  SCOPED_TRACE(connection.story());
  const auto mean = connection.mean_estimate(10s, 20s);
  EXPECT_GT(mean, kbit(GetParam()) * 0.85);
  EXPECT_LT(mean, kbit(GetParam()) * 1.05);
  EXPECT_LE(connection.longest(10s, [](const Sample& s) { return !is_within(s, 0.15); }), 1500ms);
  EXPECT_LE(connection.longest(0s, [](const Sample& s) { return s.estimate > s.capacity * 1.2; }),
            1s);
  EXPECT_LT(connection.quantile(true, 5s, 0.95, SimulatedConnection::whole_way), 125ms);
}
INSTANTIATE_TEST_SUITE_P(Kilobits, ConstantLine, testing::Values(300, 500, 1000, 2000, 3000));

TEST(Connection, FollowsADropWithin3SecondsAndComesBackWithin10) {
  SimulatedConnection connection(
      {.link = {.capacity = {{0s, kbit(5000)}, {8s, kbit(500)}, {18s, kbit(5000)}}},
       .wanted = kbit(6000)});
  connection.run_until(28s);
  SCOPED_TRACE(connection.story());
  const auto near = [](const Sample& s) { return is_within(s, 0.2); };
  EXPECT_LT(connection.first(0s, near).value_or(99s), 8s);
  EXPECT_LT(
      connection.first(8s, [](const Sample& s) { return s.estimate < kbit(600); }).value_or(99s),
      11s);
  EXPECT_LT(connection.first(18s, near).value_or(99s), 28s);
}

TEST(Connection, WithoutRtxItDoesNotProbeAndClimbsWithWhatIsSent) {
  SimulatedConnection connection(
      {.link = link_of(4000), .publisher = kbit(2000), .follows = false, .has_rtx = false});
  connection.run_until(10s);
  SCOPED_TRACE(connection.story());
  EXPECT_EQ(connection.padded(), 0U);
  EXPECT_EQ(connection.stats().estimator.probes, 0U);
  EXPECT_GT(connection.mean_estimate(2s, 10s), kbit(1900));
}

TEST(Connection, KeyframesArePacedAndSoundIsNotBehindThem) {
  // Keyframes that take the line half a second each, as a newcomer makes a publisher send them.
  ConnectionPlan plan{
      .link = link_of(1000), .publisher = kbit(600), .keyframe_every = 3s, .keyframe_size = 25};
  SimulatedConnection connection(plan);
  connection.run_until(20s);
  SCOPED_TRACE(connection.story());
  const auto in_pacer = SimulatedConnection::in_pacer;
  EXPECT_EQ(connection.quantile(true, 0s, 1, in_pacer), Duration{}) << "sound passes";
  EXPECT_GT(connection.stats().paced, 100U);
  EXPECT_EQ(connection.stats().dropped, 0U);
  const Duration longest = connection.quantile(false, 5s, 1, in_pacer);
  EXPECT_LE(longest, 510ms) << "nothing waits for longer than a conference can bear";
  EXPECT_GT(longest, 100ms);
  // To wait here costs pictures nothing, for they would wait in the line's own queue, with the
  // sound.
  EXPECT_LT(connection.quantile(false, 5s, 0.5, SimulatedConnection::whole_way), 200ms);
  EXPECT_LT(connection.quantile(true, 5s, 0.5, SimulatedConnection::whole_way), 85ms);
  EXPECT_LT(connection.quantile(true, 5s, 1, SimulatedConnection::whole_way), 450ms)
      << "unpaced they fill the line for seven tenths of a second";
}

TEST(Connection, NothingWaitsWhereTheLineCarriesMuchMore) {
  SimulatedConnection connection({.link = link_of(50'000),
                                  .publisher = kbit(1500),
                                  .keyframe_every = 2s,
                                  .wanted = kbit(20'000)});
  connection.run_until(10s);
  SCOPED_TRACE(connection.story());
  EXPECT_EQ(connection.quantile(false, 3s, 0.999, SimulatedConnection::in_pacer), Duration{});
}

TEST(Connection, ProbesOnlyForWhatIsWanted) {
  SimulatedConnection connection(
      {.link = link_of(8000), .publisher = kbit(500), .wanted = kbit(1000)});
  connection.run_until(6s);
  SCOPED_TRACE(connection.story());
  const auto before = connection.padded();
  EXPECT_GT(before, 0U) << "what is sent alone does not tell";
  const auto estimate = connection.sender().congestion().estimate();
  EXPECT_GE(estimate, kbit(1250));
  EXPECT_LT(estimate, kbit(2500));
  connection.run_until(20s);
  EXPECT_EQ(connection.padded(), before) << "the estimate covers it";
  connection.set_wanted(kbit(5000));
  connection.run_until(27s);
  SCOPED_TRACE(connection.story());
  EXPECT_GT(connection.padded(), before);
  EXPECT_GE(connection.sender().congestion().estimate(), kbit(5000));
}

TEST(Connection, ATokenBucketDoesNotMakeALineLookWider) {
  for (const std::int64_t bucket : {0, 2000, 4000}) {
    for (const std::int64_t line : {1000, 2000}) {
      auto link = link_of(line);
      link.burst = DataSize::bytes(bucket);
      SimulatedConnection connection({.link = link, .publisher = kbit(400)});
      connection.run_until(20s);
      SCOPED_TRACE(std::to_string(bucket) + connection.story());
      const auto mean = connection.mean_estimate(8s, 20s);
      EXPECT_GT(mean, kbit(line) * 0.6);
      // What passes at once may be as much as a cluster at such a rate.
      EXPECT_LT(mean, kbit(line) * (bucket > 2000 ? 1.5 : 1.15));
    }
  }
}

TEST(Connection, NeverProbesBeyondItsMaximum) {
  SimulatedConnection connection(
      {.link = link_of(8000), .publisher = kbit(500), .max = kbit(900), .wanted = kbit(6000)});
  connection.run_until(10s);
  SCOPED_TRACE(connection.story());
  EXPECT_FALSE(connection.first(0s, [](const Sample& s) { return s.estimate > kbit(900); }));
  EXPECT_GT(connection.mean_estimate(5s, 10s), kbit(800));
}

/// A REMB of that rate.
std::vector<std::uint8_t> remb_of(std::uint64_t bits_per_second) {
  std::vector<std::uint8_t> packet(100);
  RtcpWriter writer(packet);
  const std::uint32_t ssrcs[] = {11};
  EXPECT_TRUE(writer.receiver_estimate(1, bits_per_second, ssrcs));
  packet.resize(writer.size());
  return packet;
}

TEST(Connection, RembIsTheEstimateOfAPeerWithoutTransportFeedback) {
  SimulatedConnection connection(
      {.link = link_of(8000), .publisher = kbit(500), .has_transport_cc = false});
  connection.run_until(1s);
  EXPECT_FALSE(connection.stats().is_active);
  connection.tell(remb_of(1'500'000));
  EXPECT_NEAR(connection.sender().congestion().estimate() / kbit(1500), 1, 0.01);
  connection.run_until(5s);
  EXPECT_EQ(connection.padded(), 0U);
  connection.tell(remb_of(0));
  EXPECT_EQ(connection.sender().congestion().estimate(), kbit(30)) << "the minimum";
  connection.tell(remb_of(~std::uint64_t{0}));
  EXPECT_EQ(connection.sender().congestion().estimate(), kbit(50'000));
}

TEST(Connection, RembIsACeilingWhereTransportFeedbackIsNegotiated) {
  SimulatedConnection connection({.link = link_of(3000)});
  connection.tell(remb_of(700'000));
  EXPECT_EQ(connection.sender().congestion().estimate(), kbit(300)) << "not yet";
  connection.run_until(10s);
  SCOPED_TRACE(connection.story());
  EXPECT_FALSE(connection.first(0s, [](const Sample& s) { return s.estimate > kbit(700); }));
  EXPECT_GT(connection.mean_estimate(5s, 10s), kbit(600));
}

TEST(Connection, FeedbackForPacketsNeverSentIsCountedAndChangesNothing) {
  SimulatedConnection connection({.link = link_of(2000)});
  connection.run_until(5s);
  const auto before = connection.sender().congestion().estimate();
  TransportFeedbackGenerator liar;
  for (std::uint16_t i = 0; i < 50; ++i)
    liar.observe(static_cast<std::uint16_t>(30'000 + i), Timestamp(1h + i * 1ms));
  std::vector<std::uint8_t> packet(1200);
  RtcpWriter writer(packet);
  ASSERT_TRUE(liar.write(writer, 1, 11));
  connection.tell(Bytes(packet).first(writer.size()));
  EXPECT_EQ(connection.sender().never_sent(), 50U);
  EXPECT_EQ(connection.sender().congestion().estimate(), before);
  connection.run_until(8s);
  EXPECT_GT(connection.mean_estimate(6s, 8s), kbit(1500)) << "and goes on";
}

TEST(Connection, SequenceAndFeedbackCountsWrap) {
  SimulatedConnection connection({.link = link_of(12'000), .wanted = kbit(20'000)});
  connection.run_until(75s);  // a thousand packets a second and twenty feedbacks
  SCOPED_TRACE(connection.story());
  EXPECT_GT(connection.trips().size(), 66'000U);
  EXPECT_EQ(connection.sender().never_sent(), 0U);
  EXPECT_LE(connection.longest(30s, [](const Sample& s) { return !is_within(s, 0.25); }), 2s);
}

TEST(Connection, TellsOfTheEstimateAtOnceWhenItFallsAndElseNotForEachFeedback) {
  CongestionControl control;
  const auto at = [](int milliseconds) { return Timestamp(1s + milliseconds * 1ms); };
  EXPECT_FALSE(control.take_news(at(0)));
  const auto told = [&](std::int64_t kilobits, int time) {
    control.observe_remote_limit(kbit(kilobits), at(time));
    return control.take_news(at(time));
  };
  EXPECT_TRUE(told(400, 1));
  EXPECT_FALSE(control.take_news(at(2))) << "once";
  EXPECT_FALSE(told(410, 10)) << "a little more";
  EXPECT_TRUE(control.take_news(at(101))) << "ten times a second";
  EXPECT_TRUE(told(440, 102)) << "much more";
  EXPECT_TRUE(told(439, 103)) << "less";
}

TEST(Connection, RetransmissionsTakeHalfOfTheLineAtMost) {
  CongestionControl control;
  EXPECT_TRUE(control.allow_resend(DataSize::bytes(1 << 20), Timestamp{})) << "nothing is known";
  control.observe_remote_limit(kbit(1000), Timestamp{});
  DataSize sent;
  for (Duration time{}; time < 10s; time += 1ms) {
    if (control.allow_resend(DataSize::bytes(1200), Timestamp(time))) sent += DataSize::bytes(1200);
  }
  EXPECT_NEAR(sent / Duration(10s) / kbit(500), 1, 0.1);
  EXPECT_GT(control.stats().refused, 9000U);
}

TEST(Connection, WhatWaitsIsBoundedAndVideoIsDroppedAsAWhole) {
  CongestionControl control;
  Timestamp now{};
  control.observe_remote_limit(kbit(100), now);
  std::uint64_t queued = 0;
  while (control.enqueue(PacedKind::kVideo, queued, DataSize::bytes(1200), now)) ++queued;
  EXPECT_EQ(queued, 1024U);
  EXPECT_FALSE(control.is_overdue(now + 1900ms));
  EXPECT_TRUE(control.is_overdue(now + 2100ms)) << "a worker that was held up";
  std::uint64_t dropped = 0;
  while (const auto id = control.drop_video()) EXPECT_EQ(*id, dropped++);
  EXPECT_EQ(dropped, queued);
  EXPECT_EQ(control.stats().dropped, queued + 1);
  EXPECT_FALSE(control.due(now));
}

}  // namespace
}  // namespace rooms::test
