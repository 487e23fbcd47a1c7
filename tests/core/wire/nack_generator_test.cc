// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/nack_generator.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Sequences = std::vector<std::uint16_t>;

Sequences list(const NackGenerator::Requests& requests) {
  return {requests.sequences.begin(), requests.sequences.end()};
}

TEST(NackGenerator, AsksForAGapAcrossTheWrapAfterWaitingForReordering) {
  NackGenerator generator;
  EXPECT_EQ(generator.observe(65'533, at_ms(0)), PacketArrival::kInOrder);
  EXPECT_FALSE(generator.next_due(ms(50)));
  EXPECT_EQ(generator.observe(2, at_ms(10)), PacketArrival::kInOrder);
  EXPECT_EQ(generator.next_due(ms(50)), at_ms(15));
  EXPECT_TRUE(list(generator.due(at_ms(14), ms(50))).empty());
  EXPECT_EQ(list(generator.due(at_ms(15), ms(50))), (Sequences{65'534, 65'535, 0, 1}));
}

TEST(NackGenerator, WhatComesLateOrThroughRtxIsNotAskedFor) {
  NackGenerator generator;
  generator.observe(10, at_ms(0));
  generator.observe(14, at_ms(0));
  EXPECT_EQ(generator.observe(12, at_ms(1)), PacketArrival::kRecovered);
  EXPECT_EQ(generator.observe(12, at_ms(1)), PacketArrival::kDuplicate);
  EXPECT_EQ(generator.observe(14, at_ms(1)), PacketArrival::kDuplicate);
  EXPECT_EQ(generator.observe(9, at_ms(1)), PacketArrival::kDuplicate);
  EXPECT_EQ(list(generator.due(at_ms(20), ms(0))), (Sequences{11, 13}));
  EXPECT_EQ(generator.recovered(), 1U);
  EXPECT_EQ(generator.requested(), 2U);
}

TEST(NackGenerator, RetriesAreARoundTripApartAndEndAfterTenWithAKeyframeRequest) {
  for (Duration round_trip : {ms(0), ms(70)}) {
    NackGenerator generator({.max_age = std::chrono::seconds(60)});
    generator.observe(1, at_ms(0));
    generator.observe(3, at_ms(0));
    std::vector<std::int64_t> asked;
    int keyframes = 0;
    std::int64_t keyframe_at = 0;
    for (std::int64_t now = 0; now < 2000; ++now) {
      const auto requests = generator.due(at_ms(now), round_trip);
      if (!requests.sequences.empty()) asked.push_back(now);
      if (requests.wants_keyframe) {
        ++keyframes;
        keyframe_at = now;
      }
    }
    ASSERT_EQ(asked.size(), 10U);
    const std::int64_t spacing = round_trip == ms(0) ? 20 : 70;
    for (std::size_t i = 1; i < asked.size(); ++i) EXPECT_EQ(asked[i] - asked[i - 1], spacing);
    EXPECT_EQ(keyframes, 1);
    EXPECT_EQ(keyframe_at, asked.back() + spacing) << "the last request had its chance";
    EXPECT_EQ(generator.given_up(), 1U);
    EXPECT_FALSE(generator.next_due(round_trip));
  }
}

TEST(NackGenerator, GivesUpWhatIsTooOld) {
  NackGenerator generator;
  generator.observe(1, at_ms(0));
  generator.observe(3, at_ms(0));
  generator.due(at_ms(990), ms(400));
  EXPECT_EQ(generator.next_due(ms(400)), at_ms(1000));
  const auto requests = generator.due(at_ms(1000), ms(400));
  EXPECT_TRUE(requests.sequences.empty());
  EXPECT_TRUE(requests.wants_keyframe);
  EXPECT_EQ(generator.observe(2, at_ms(1001)), PacketArrival::kDuplicate);
}

TEST(NackGenerator, TooManyMissingAreGivenUpAtOnce) {
  NackGenerator generator;
  generator.observe(0, at_ms(0));
  generator.observe(1001, at_ms(0));
  EXPECT_EQ(generator.missing(), 1000U);
  generator.observe(1003, at_ms(0));
  EXPECT_EQ(generator.missing(), 0U);
  EXPECT_EQ(generator.given_up(), 1001U);
  EXPECT_TRUE(generator.due(at_ms(0), ms(0)).wants_keyframe);
  EXPECT_FALSE(generator.due(at_ms(1), ms(0)).wants_keyframe) << "told once";
}

TEST(NackGenerator, AKeyframeMakesEverythingBeforeItUnneeded) {
  NackGenerator generator;
  generator.observe(10, at_ms(0));
  generator.observe(13, at_ms(0));
  generator.observe(16, at_ms(0));
  generator.observe_keyframe(13);
  EXPECT_EQ(list(generator.due(at_ms(20), ms(0))), (Sequences{14, 15}));
}

TEST(NackGenerator, AJumpIsARestartAndAsksForAKeyframeOnly) {
  NackGenerator generator;
  generator.observe(10, at_ms(0));
  generator.observe(12, at_ms(0));
  EXPECT_EQ(generator.observe(20'000, at_ms(1)), PacketArrival::kRestarted);
  auto requests = generator.due(at_ms(20), ms(0));
  EXPECT_TRUE(requests.sequences.empty());
  EXPECT_TRUE(requests.wants_keyframe);
  EXPECT_EQ(generator.observe(20'001, at_ms(21)), PacketArrival::kInOrder);
  EXPECT_EQ(generator.observe(1'000, at_ms(21)), PacketArrival::kRestarted) << "backwards too";
}

/// A link that loses, delays and reorders; retransmissions come a round trip after they were asked
/// for.
TEST(NackGenerator, RecoversEverythingOnALossyLinkAndNeverAsksForWhatIsHere) {
  Random random;
  SCOPED_TRACE(random.seed());
  NackGenerator generator;
  std::multimap<std::int64_t, std::int64_t> on_the_way;
  std::set<std::int64_t> here;
  constexpr std::int64_t kPackets = 100'000;
  std::int64_t sent = 0x10000 + 30'000;
  const std::int64_t first = sent;
  for (std::int64_t now = 0; now < kPackets + 2000; ++now) {
    if (sent < first + kPackets) {
      const bool lost = sent > first && sent < first + kPackets - 1 && random.one_in(10);
      if (!lost)
        on_the_way.emplace(now + 20 + (random.one_in(20) ? random.between(0, 8) : 0), sent);
      ++sent;
    }
    while (!on_the_way.empty() && on_the_way.begin()->first <= now) {
      const std::int64_t number = on_the_way.begin()->second;
      on_the_way.erase(on_the_way.begin());
      const bool is_new = here.insert(number).second;
      const auto arrival = generator.observe(static_cast<std::uint16_t>(number), at_ms(now));
      ASSERT_EQ(arrival == PacketArrival::kDuplicate, !is_new) << number;
    }
    for (std::uint16_t wanted : generator.due(at_ms(now), ms(40)).sequences) {
      const std::int64_t number =
          sent + static_cast<std::int16_t>(wanted - static_cast<std::uint16_t>(sent));
      ASSERT_EQ(here.count(number), 0U) << "asked for " << number << ", which is here";
      if (!random.one_in(10)) on_the_way.emplace(now + 40, number);
    }
  }
  EXPECT_EQ(here.size(), static_cast<std::size_t>(kPackets));
  EXPECT_EQ(generator.missing(), 0U);
  EXPECT_EQ(generator.given_up(), 0U);
}

}  // namespace
}  // namespace rooms
