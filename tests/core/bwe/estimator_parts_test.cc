// SPDX-License-Identifier: LGPL-2.1-or-later
// The pieces of the estimator, one by one.
#include <gtest/gtest.h>

#include "gst/core/bwe/acknowledged_rate.h"
#include "gst/core/bwe/application_limit.h"
#include "gst/core/bwe/arrival_groups.h"
#include "gst/core/bwe/loss_control.h"
#include "gst/core/bwe/overuse_detector.h"
#include "gst/core/bwe/packet_trains.h"
#include "gst/core/bwe/probe_controller.h"
#include "gst/core/bwe/probe_results.h"
#include "gst/core/bwe/queue_delay.h"
#include "gst/core/bwe/rate_control.h"
#include "gst/core/bwe/trendline.h"
#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

constexpr DataRate kbit(std::int64_t count) { return DataRate::kilobits_per_second(count); }
constexpr DataSize bytes(std::int64_t count) { return DataSize::bytes(count); }

TEST(Units, SizeOverTimeIsARateAndBack) {
  EXPECT_EQ(bytes(1250) / ms(10), kbit(1000));
  EXPECT_EQ(kbit(1000) * ms(10), bytes(1250));
  EXPECT_EQ(bytes(1250) / kbit(1000), ms(10));
  EXPECT_EQ(DataRate::unlimited() * 8, DataRate::unlimited());
}

TEST(ArrivalGroups, PacketsOfOneBurstAreOneGroup) {
  ArrivalGroups groups;
  EXPECT_FALSE(groups.observe(at_ms(0), ms(100), at_ms(150)));
  EXPECT_FALSE(groups.observe(at_ms(4), ms(104), at_ms(150)));
  EXPECT_FALSE(groups.observe(at_ms(20), ms(121), at_ms(150))) << "there is no group before yet";
  const auto delta = groups.observe(at_ms(40), ms(140), at_ms(150));
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->sent, ms(16));
  EXPECT_EQ(delta->arrived, ms(17));
}

TEST(ArrivalGroups, WhatWasHeldBackAndCameInALumpIsOneGroup) {
  ArrivalGroups groups;
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(groups.observe(at_ms(i * 10), ms(200 + i), at_ms(250))) << i;
  EXPECT_FALSE(groups.observe(at_ms(60), ms(260), at_ms(300)));
  const auto delta = groups.observe(at_ms(80), ms(280), at_ms(300));
  ASSERT_TRUE(delta);
  EXPECT_EQ(delta->sent, ms(30));
  EXPECT_EQ(delta->arrived, ms(57));
}

TEST(ArrivalGroups, BeginsAnewWhenThePeersClockJumps) {
  ArrivalGroups groups;
  for (int i = 0; i < 5; ++i) groups.observe(at_ms(i * 20), ms(i * 20), at_ms(i * 20 + 50));
  EXPECT_EQ(groups.resets(), 0U);
  EXPECT_FALSE(groups.observe(at_ms(100), ms(100'000), at_ms(150)));
  EXPECT_EQ(groups.resets(), 1U);
  EXPECT_FALSE(groups.observe(at_ms(120), ms(100'020), at_ms(170)));
  EXPECT_TRUE(groups.observe(at_ms(140), ms(100'040), at_ms(190)));
}

TEST(Trendline, IsTheSlopeOfTheDelay) {
  Trendline flat;
  Trendline rising;
  for (int i = 0; i < 200; ++i) {
    flat.observe({ms(20), ms(20), ms(i * 20)});
    rising.observe({ms(20), ms(22), ms(i * 22)});
  }
  EXPECT_DOUBLE_EQ(flat.slope(), 0);
  EXPECT_NEAR(rising.slope(), 2.0 / 22, 0.001);
  EXPECT_NEAR(rising.weighted(), rising.slope() * 60 * 4, 0.001);
}

TEST(OveruseDetector, WantsATrendThatLastsAndGrows) {
  OveruseDetector detector;
  EXPECT_EQ(detector.observe(40, ms(5), ms(5)), LinkUse::kNormal) << "once is nothing";
  EXPECT_EQ(detector.observe(41, ms(5), ms(10)), LinkUse::kNormal) << "7.5 ms are too short";
  EXPECT_EQ(detector.observe(42, ms(5), ms(15)), LinkUse::kOver);
  EXPECT_EQ(detector.observe(0, ms(5), ms(20)), LinkUse::kNormal);
  EXPECT_EQ(detector.observe(-40, ms(5), ms(25)), LinkUse::kUnder);
}

TEST(OveruseDetector, ThresholdFollowsWhatIsUsualButNotSpikes) {
  OveruseDetector detector;
  for (int i = 0; i < 100; ++i) detector.observe(20, ms(20), ms(i * 20));
  EXPECT_NEAR(detector.threshold(), 20, 1);
  for (int i = 100; i < 110; ++i) detector.observe(500, ms(20), ms(i * 20));
  EXPECT_NEAR(detector.threshold(), 20, 1);
  for (int i = 110; i < 200; ++i) detector.observe(0, ms(20), ms(i * 20));
  EXPECT_DOUBLE_EQ(detector.threshold(), 6) << "its least";
}

TEST(AcknowledgedRate, CountsWhatArrivesAndNotWhatFeedbackKeptSilentAbout) {
  AcknowledgedRate rate;
  for (int i = 0; i < 40; ++i) rate.observe(ms(i * 10), bytes(1250));
  EXPECT_FALSE(rate.rate()) << "half a second is the least";
  for (int i = 40; i < 300; ++i) rate.observe(ms(i * 10), bytes(1250));
  EXPECT_NEAR(rate.rate()->kilobits_per_second(), 1000, 1);
  for (int i = 300; i < 600; ++i) {
    if (i % 25 < 5) {
      rate.skip();
    } else {
      rate.observe(ms(i * 10), bytes(1250));
    }
  }
  EXPECT_NEAR(rate.rate()->kilobits_per_second(), 1000, 1);
}

TEST(AcknowledgedRate, TheLatestWindowTellsOfANarrowerLink) {
  AcknowledgedRate rate;
  for (int i = 0; i < 200; ++i) rate.observe(ms(i * 10), bytes(6250));
  for (int i = 200; i < 235; ++i) rate.observe(ms(i * 10), bytes(625));
  EXPECT_GT(*rate.rate(), kbit(1000));
  EXPECT_NEAR(rate.rate_of_full_link()->kilobits_per_second(), 500, 10);
}

TEST(QueueDelay, IsWhatEvenTheLuckiestPacketWaits) {
  QueueDelay queue;
  for (int i = 0; i < 100; ++i) {
    const Duration own = ms(i % 3 * 7);  // a frame's packets wait for each other
    queue.observe(at_ms(i * 10), ms(50'000 + i * 10) + own);
  }
  EXPECT_EQ(queue.standing(), Duration{});
  for (int i = 100; i < 150; ++i) queue.observe(at_ms(i * 10), ms(50'040 + i * 10 + i % 3 * 7));
  EXPECT_EQ(queue.standing(), ms(40));
}

TEST(RateControl, DecreasesToLessThanArrivesAndResumesWhenTheQueueHasDrained) {
  RateControl control(kbit(2000));
  control.set_bounds(kbit(30), kbit(9000));
  control.update({LinkUse::kOver, kbit(1000), ms(50), ms(100)}, at_ms(0));
  EXPECT_EQ(control.estimate(), kbit(850));
  control.update({LinkUse::kNormal, kbit(850), ms(50), ms(50)}, at_ms(200));
  EXPECT_EQ(control.estimate(), kbit(850)) << "it still drains";
  control.update({LinkUse::kNormal, kbit(850), ms(50), ms(0)}, at_ms(400));
  EXPECT_GE(control.estimate(), kbit(950));
  EXPECT_LT(control.estimate(), kbit(1000));
}

TEST(RateControl, GoesNoFurtherThanOneAndAHalfOfWhatArrives) {
  RateControl control(kbit(300));
  control.set_bounds(kbit(30), kbit(9000));
  for (int i = 0; i < 600; ++i)
    control.update({LinkUse::kNormal, kbit(400), ms(50), ms(0)}, at_ms(i * 100));
  EXPECT_NEAR(control.estimate().kilobits_per_second(), 610, 1);
}

TEST(LossControl, CutsForLossWithDelayAndLearnsWhatIsTheLinksOwn) {
  LossControl congested;
  LossControl radio;
  for (int i = 1; i <= 100; ++i) {
    congested.observe({3, 17, ms(200), ms(50), std::min(congested.ceiling(), kbit(1000))},
                      at_ms(i * 200));
    radio.observe({1, 19, ms(0), ms(50), kbit(1000)}, at_ms(i * 200));
  }
  EXPECT_LT(congested.ceiling(), kbit(200));
  EXPECT_NEAR(congested.inherent(), 0, 0.001);
  EXPECT_NEAR(radio.inherent(), 0.05, 0.01);
  EXPECT_EQ(radio.ceiling(), DataRate::unlimited());
}

TEST(LossControl, LeavesAFullQueueToTheDelay) {
  LossControl control;
  for (int i = 1; i <= 10; ++i)
    control.observe({10, 10, ms(300), ms(50), std::min(control.ceiling(), kbit(1000)), kbit(500)},
                    at_ms(i * 400));
  EXPECT_EQ(control.ceiling(), kbit(500) * 0.85) << "the line's width, nearly";
}

/// Packets of 1200 bytes, sent at `sent` kbit/s into a line of `line`, for so long.
PacketTrains train(std::int64_t sent, std::int64_t line, Duration time) {
  PacketTrains trains;
  const auto size = bytes(1200);
  const Duration interval = size / kbit(sent);
  Duration arrival{};
  for (Duration now{}; now < time; now += interval) {
    arrival = std::max(arrival, now) + size / kbit(line);
    trains.observe(arrival, size, arrival - now);
  }
  return trains;
}

TEST(PacketTrains, TellThatALineHasBecomeMuchNarrower) {
  EXPECT_TRUE(train(1300, 500, ms(150)).is_below(kbit(4000))) << "before 25 kB have queued";
  EXPECT_FALSE(train(1300, 500, ms(25)).is_below(kbit(4000))) << "a few packets say nothing";
  EXPECT_FALSE(train(600, 500, ms(400)).is_below(kbit(4000)))
      << "little more: the trend's business";
  EXPECT_FALSE(train(1300, 500, ms(150)).is_below(kbit(550))) << "known already";
}

TEST(ApplicationLimit, KnowsWhoSendsLessThanHeMay) {
  ApplicationLimit limit;
  limit.update(kbit(1000), at_ms(0));
  for (int i = 1; i <= 100; ++i) limit.sent(bytes(1100), at_ms(i * 10));
  EXPECT_FALSE(limit.limited());
  for (int i = 101; i <= 300; ++i) limit.sent(bytes(300), at_ms(i * 10));
  EXPECT_TRUE(limit.limited());
  for (int i = 301; i <= 400; ++i) limit.sent(bytes(1100), at_ms(i * 10));
  EXPECT_FALSE(limit.limited());
  limit.update(kbit(1000), at_ms(9000));
  EXPECT_TRUE(limit.limited()) << "silence is less as well";
}

TEST(ProbeController, GoesFurtherWhenProbesSucceedAndRestsBetween) {
  ProbeController probes;
  ProbeController::Input input{.estimate = kbit(300), .max = kbit(5000)};
  EXPECT_EQ(probes.next(input, at_ms(0))->rate, kbit(900));
  EXPECT_EQ(probes.next(input, at_ms(0))->rate, kbit(1800));
  EXPECT_FALSE(probes.next(input, at_ms(0)));
  input.estimate = kbit(1700);
  probes.observe_result(kbit(1700), at_ms(100));
  EXPECT_EQ(probes.next(input, at_ms(100))->rate, kbit(3400));
  probes.observe_result(kbit(1800), at_ms(200));
  EXPECT_FALSE(probes.next(input, at_ms(200))) << "3400 were not found";
  EXPECT_FALSE(probes.next(input, at_ms(5000)));
  input.use = LinkUse::kOver;
  EXPECT_FALSE(probes.next(input, at_ms(6000)));
  input.use = LinkUse::kNormal;
  EXPECT_EQ(probes.next(input, at_ms(6000))->rate, kbit(3400));
  input.estimate = input.max;
  EXPECT_FALSE(probes.next(input, at_ms(20'000)));
}

TEST(ProbeController, ProbesSoonAfterALargeDrop) {
  ProbeController probes;
  ProbeController::Input input{.estimate = kbit(3000), .max = kbit(3000)};
  probes.observe_estimate(kbit(3000), at_ms(0));
  EXPECT_FALSE(probes.next(input, at_ms(0)));
  input.estimate = kbit(1000);
  probes.observe_estimate(kbit(1000), at_ms(500));
  EXPECT_FALSE(probes.next(input, at_ms(2000)));
  EXPECT_EQ(probes.next(input, at_ms(2600))->rate, kbit(2000));
}

/// A cluster of ten packets of 1000 bytes, `sent_gap` and `arrival_gap` apart.
std::optional<DataRate> probe_found(Duration sent_gap, Duration arrival_gap, int packets = 10) {
  ProbeResults results;
  results.expect({.id = 7, .rate = kbit(1000), .size = bytes(10'000), .packets = 5});
  std::optional<DataRate> found;
  for (int i = 0; i < packets; ++i) {
    PacketResult packet;
    packet.sent = at_ms(100) + i * sent_gap;
    packet.arrival = ms(5000) + i * arrival_gap;
    packet.size = 1000;
    packet.probe = 7;
    if (const auto now = results.observe(packet)) found = now;
  }
  return found;
}

TEST(ProbeResults, IsTheRateThatArrivedAndALittleLessWhereTheLinkWasFull) {
  EXPECT_EQ(probe_found(ms(4), ms(4)), kbit(2000));
  EXPECT_EQ(probe_found(ms(4), ms(8)), kbit(950));
  EXPECT_EQ(probe_found(ms(9), ms(4)), std::nullopt) << "held back and let go together";
  EXPECT_EQ(probe_found(ms(4), ms(4), 7), std::nullopt) << "too little of it";
  EXPECT_EQ(probe_found(ms(0), ms(4)), std::nullopt);
  EXPECT_EQ(probe_found(ms(300), ms(300)), std::nullopt);
}

TEST(ProbeResults, IgnoresClustersNobodyAskedFor) {
  ProbeResults results;
  PacketResult packet;
  packet.arrival = ms(1);
  packet.size = 1000;
  for (const int id : {0, 1, 2, 3, 4, 1000}) {
    packet.probe = id;
    EXPECT_FALSE(results.observe(packet));
  }
}

}  // namespace
}  // namespace rooms
