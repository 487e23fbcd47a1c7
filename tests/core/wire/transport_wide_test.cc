// SPDX-License-Identifier: LGPL-2.1-or-later
// Both halves of transport-wide congestion control, alone and against each other.
#include <gtest/gtest.h>

#include <map>

#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

/// Everything the generator has to say now, one RTCP packet an entry.
std::vector<Packet> write_all(TransportFeedbackGenerator& generator, std::size_t room = 1200) {
  std::vector<Packet> result;
  for (;;) {
    Packet memory(room);
    RtcpWriter writer(memory);
    if (!generator.write(writer, 1, 2)) return result;
    memory.resize(writer.size());
    result.push_back(std::move(memory));
  }
}

TEST(TransportFeedbackGenerator, IsDueAnIntervalAfterTheFirstPacketItHasToTellOf) {
  TransportFeedbackGenerator generator({.interval = ms(50)});
  EXPECT_FALSE(generator.due());
  EXPECT_TRUE(write_all(generator).empty());
  generator.observe(10, at_ms(100));
  generator.observe(11, at_ms(120));
  EXPECT_EQ(generator.due(), at_ms(150));
  EXPECT_EQ(write_all(generator).size(), 1U);
  EXPECT_FALSE(generator.due());
}

TEST(TransportFeedbackGenerator, CountsItsPacketsAndContinuesWhereItEnded) {
  TransportFeedbackGenerator generator;
  std::uint16_t expected_base = 65'530;
  for (std::uint16_t i = 0; i < 300; ++i) {
    const auto base = static_cast<std::uint16_t>(65'530 + i * 3);
    generator.observe(base, at_ms(i * 10));
    generator.observe(static_cast<std::uint16_t>(base + 1), at_ms(i * 10));
    const auto packets = write_all(generator);
    ASSERT_EQ(packets.size(), 1U);
    const auto feedback = parse_transport_feedback(packets[0]);
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->base_sequence, expected_base);
    EXPECT_EQ(feedback->feedback_count, static_cast<std::uint8_t>(i));
    expected_base = static_cast<std::uint16_t>(base + 2);  // the lost one belongs to the next
  }
}

TEST(TransportFeedbackGenerator, ALatePacketIsToldOfByItself) {
  TransportFeedbackGenerator generator;
  generator.observe(1, at_ms(0));
  generator.observe(4, at_ms(1));
  ASSERT_EQ(write_all(generator).size(), 1U);
  generator.observe(3, at_ms(5));
  generator.observe(6, at_ms(6));
  const auto packets = write_all(generator);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(parse_transport_feedback(packets[0])->base_sequence, 3);
  EXPECT_EQ(parse_transport_feedback(packets[0])->status_count, 1);
  EXPECT_EQ(parse_transport_feedback(packets[1])->base_sequence, 5);
  EXPECT_EQ(parse_transport_feedback(packets[1])->status_count, 2);
}

TEST(TransportFeedbackGenerator, ALargeJumpBeginsANewSequence) {
  TransportFeedbackGenerator generator;
  generator.observe(1, at_ms(0));
  generator.observe(20'000, at_ms(1));
  const auto packets = write_all(generator);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(parse_transport_feedback(packets[0])->base_sequence, 20'000);
}

TEST(TransportFeedbackGenerator, IsDueAtOnceWhenMuchIsPendingAndForgetsTheOldest) {
  TransportFeedbackGenerator generator({.max_pending = 100});
  for (std::uint16_t i = 0; i < 49; ++i) generator.observe(i, at_ms(10));
  EXPECT_EQ(generator.due(), at_ms(110));
  generator.observe(49, at_ms(11));
  EXPECT_EQ(generator.due(), at_ms(10));
  for (std::uint16_t i = 50; i < 150; ++i) generator.observe(i, at_ms(12));
  EXPECT_EQ(parse_transport_feedback(write_all(generator).at(0))->base_sequence, 50);
}

TEST(TransportFeedbackHistory, TellsLossOnceAndArrivalOnce) {
  TransportFeedbackHistory history;
  TransportFeedbackGenerator generator;
  EXPECT_EQ(history.next_sequence(), 1);
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(history.record(at_ms(i), 100, 7, i == 5 ? 3 : -1), i);
  }
  EXPECT_EQ(history.bytes_in_flight(), 500U);
  const auto tell = [&](std::initializer_list<std::uint16_t> arrived, std::int64_t now) {
    for (std::uint16_t sequence : arrived) generator.observe(sequence, at_ms(1000 + now));
    std::vector<PacketResult> all;
    for (const Packet& packet : write_all(generator)) {
      const auto results = history.resolve(*parse_transport_feedback(packet), at_ms(now));
      all.insert(all.end(), results.begin(), results.end());
    }
    return all;
  };
  auto results = tell({1, 2, 4}, 20);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].sent, at_ms(1));
  EXPECT_EQ(results[0].size, 100U);
  EXPECT_EQ(results[0].ssrc, 7U);
  EXPECT_EQ(results[0].arrival, ms(1020));
  EXPECT_FALSE(results[2].arrival);
  EXPECT_EQ(history.bytes_in_flight(), 100U);

  results = tell({3, 5}, 30);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].sequence, 3);
  EXPECT_TRUE(results[0].arrival);
  EXPECT_TRUE(results[0].was_lost);
  EXPECT_EQ(results[1].probe, 3);
  EXPECT_FALSE(results[1].was_lost);
  EXPECT_EQ(history.bytes_in_flight(), 0U);
  EXPECT_TRUE(tell({3, 5}, 40).empty()) << "told before";
}

TEST(TransportFeedbackHistory, WhatFeedbackWentPastIsNoLongerInFlight) {
  TransportFeedbackHistory history;
  for (int i = 0; i < 10; ++i) history.record(at_ms(i), 10, 1);
  const FeedbackArrival later[] = {{0x10000 + 8, at_ms(50)}};
  Packet memory(100);
  memory.resize(write_transport_feedback(memory, 1, 2, 1, 0x10000 + 8, later).size);
  EXPECT_EQ(history.resolve(*parse_transport_feedback(memory), at_ms(60)).size(), 1U);
  EXPECT_EQ(history.bytes_in_flight(), 20U);
  // The feedback before it comes after all.
  const FeedbackArrival earlier[] = {{0x10000 + 2, at_ms(49)}};
  memory.assign(100, 0);
  memory.resize(write_transport_feedback(memory, 1, 2, 0, 0x10000 + 1, earlier).size);
  const auto results = history.resolve(*parse_transport_feedback(memory), at_ms(61));
  ASSERT_EQ(results.size(), 2U);
  EXPECT_FALSE(results[0].arrival);
  EXPECT_FALSE(results[1].was_lost);
  EXPECT_EQ(history.bytes_in_flight(), 20U);
}

TEST(TransportFeedbackHistory, ForgetsByAgeAndByNumber) {
  TransportFeedbackHistory history({.capacity = 64, .max_age = ms(100)});
  for (int i = 0; i < 200; ++i) history.record(at_ms(0), 1, 1);
  EXPECT_EQ(history.bytes_in_flight(), 64U);
  for (int i = 0; i < 32; ++i) history.record(at_ms(200), 1, 1);
  EXPECT_EQ(history.bytes_in_flight(), 32U) << "every 32 packets the old ones go";
}

TEST(TransportFeedbackHistory, FeedbackAboutNothingChangesNothing) {
  Random random;
  SCOPED_TRACE(random.seed());
  TransportFeedbackHistory history;
  for (int i = 0; i < 100; ++i) history.record(at_ms(0), 1, 1);
  for (int i = 0; i < 2000; ++i) {
    Packet packet = from_hex("8fcd0006 00000001 00000002 0000ffff 00000000 2fff3fff 3fff3fff");
    packet.resize(20);
    for (int chunk = 0; chunk < 9; ++chunk) {
      packet.push_back(0x1F);
      packet.push_back(0xFF);  // 8191 not received
    }
    packet.resize(40);
    store_u16(&packet[2], 9);
    store_u16(&packet[12], random.u16());
    store_u24(&packet[16], random.u32());
    const auto feedback = parse_transport_feedback(packet);
    ASSERT_TRUE(feedback);
    for (const PacketResult& result : history.resolve(*feedback, at_ms(1))) {
      ASSERT_FALSE(result.arrival);
      ASSERT_LE(result.sequence, 100);
    }
    ASSERT_EQ(history.next_sequence(), 101);
  }
}

/// Sender, lossy reordering link, receiver: each result must say what really happened.
TEST(TransportWide, BothHalvesAgreeWithTheLink) {
  Random random;
  SCOPED_TRACE(random.seed());
  TransportFeedbackHistory history({.capacity = 32'768});
  TransportFeedbackGenerator generator({.interval = ms(50)});
  struct Truth {
    std::optional<Timestamp> arrival;
    Timestamp sent;
    int told = 0;
  };
  std::map<std::int64_t, Truth> truth;
  std::multimap<Timestamp, std::int64_t> on_the_way;
  constexpr Duration kReceiverClock = std::chrono::hours(100);
  std::int64_t sent = 0;
  std::optional<Duration> clock_offset;
  for (int now_ms = 0; now_ms < 60'000; ++now_ms) {
    const Timestamp now = at_ms(now_ms);
    for (int i = 0; i < 3; ++i) {
      const auto number = history.record(now, 100, 1);
      ++sent;
      ASSERT_EQ(number, static_cast<std::uint16_t>(sent));
      truth[sent].sent = now;
      if (random.one_in(20)) continue;
      const Timestamp arrival =
          now + ms(20) +
          std::chrono::microseconds(random.between(0, random.one_in(30) ? 90'000 : 900));
      truth[sent].arrival = arrival;
      on_the_way.emplace(arrival, sent);
    }
    while (!on_the_way.empty() && on_the_way.begin()->first <= now) {
      generator.observe(static_cast<std::uint16_t>(on_the_way.begin()->second),
                        on_the_way.begin()->first + kReceiverClock);
      on_the_way.erase(on_the_way.begin());
    }
    if (!generator.due() || *generator.due() > now + kReceiverClock) continue;
    for (const Packet& packet : write_all(generator, 200)) {
      for (const PacketResult& result : history.resolve(*parse_transport_feedback(packet), now)) {
        Truth& real = truth.at(result.sequence);
        ASSERT_EQ(result.sent, real.sent);
        if (!result.arrival) continue;
        ++real.told;
        ASSERT_TRUE(real.arrival);
        const Duration offset = *result.arrival - real.arrival->time_since_epoch();
        if (!clock_offset) clock_offset = offset;
        ASSERT_LE(offset - *clock_offset, kFeedbackTick);
        ASSERT_GE(offset - *clock_offset, -kFeedbackTick);
      }
    }
  }
  std::size_t untold = 0;
  for (const auto& [number, real] : truth) {
    ASSERT_LE(real.told, 1);
    if (real.arrival && real.told == 0 && number < sent - 1000) ++untold;
    ASSERT_FALSE(!real.arrival && real.told > 0);
  }
  EXPECT_EQ(untold, 0U);
}

}  // namespace
}  // namespace rooms
