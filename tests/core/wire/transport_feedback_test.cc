// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

std::vector<FeedbackStatus> statuses(const TransportFeedback& feedback) {
  std::vector<FeedbackStatus> result;
  TransportFeedbackReader reader(feedback);
  while (const auto status = reader.next()) result.push_back(*status);
  return result;
}

/// A feedback packet around `body` (chunks and deltas, filled up to whole words).
Packet feedback_packet(std::uint16_t base, std::uint16_t count, const char* body) {
  Packet packet = from_hex("8fcd0000 00000001 00000002 00000000 00000a07");
  const Packet tail = from_hex(body);
  packet.insert(packet.end(), tail.begin(), tail.end());
  packet.resize((packet.size() + 3) & ~std::size_t{3});
  store_u16(&packet[2], static_cast<std::uint32_t>(packet.size() / 4 - 1));
  store_u16(&packet[12], base);
  store_u16(&packet[14], count);
  return packet;
}

TEST(TransportFeedback, ReadsRunsAndBothKindsOfVectors) {
  struct Row {
    const char* title;
    std::uint16_t count;
    const char* body;
    /// Ticks since the one before; INT_MIN: not received.
    std::vector<int> deltas;
  };
  constexpr int kLost = INT32_MIN;
  const Row rows[] = {
      {"a run of three received", 3, "2003 010203", {1, 2, 3}},
      {"a run of two lost, a run of one large", 3, "0002 4001 ff00", {kLost, kLost, -256}},
      {"one bit each", 5, "a800 0a14", {10, kLost, 20, kLost, kLost}},
      {"two bits each", 4, "d840 05fff007", {5, -16, kLost, 7}},
      {"a run longer than the count", 2, "2fff 0102", {1, 2}},
      {"an empty run between", 1, "2000 2001 09", {9}},
      {"the reserved symbol counts as lost", 2, "6001 2001 09", {kLost, 9}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.title);
    const Packet packet = feedback_packet(65534, row.count, row.body);
    const auto feedback = parse_transport_feedback(packet);
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->reference_time, 10);
    EXPECT_EQ(feedback->feedback_count, 7);
    const auto list = statuses(*feedback);
    ASSERT_EQ(list.size(), row.deltas.size());
    Duration arrival{};
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(list[i].sequence, static_cast<std::uint16_t>(65534 + i));
      ASSERT_EQ(list[i].received, row.deltas[i] != kLost);
      if (!list[i].received) continue;
      arrival += row.deltas[i] * kFeedbackTick;
      EXPECT_EQ(list[i].arrival, arrival);
    }
  }
}

TEST(TransportFeedback, RefusesWhatContradictsItself) {
  EXPECT_FALSE(parse_transport_feedback(feedback_packet(0, 1, "")));
  EXPECT_FALSE(parse_transport_feedback(feedback_packet(0, 3, "2001")));
  EXPECT_FALSE(parse_transport_feedback(feedback_packet(0, 9, "2009 0102")));
  EXPECT_FALSE(parse_transport_feedback(feedback_packet(0, 5, "4005 000100020003")));
  Packet packet = feedback_packet(0, 1, "2001 01");
  ASSERT_TRUE(parse_transport_feedback(packet));
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(parse_transport_feedback(Bytes(packet).first(size)));
  }
  packet[0] |= 0x20;
  packet.back() = 200;
  EXPECT_FALSE(parse_transport_feedback(packet)) << "more padding than packet";
}

TEST(TransportFeedback, NegativeReferenceTimesKeepTheirSign) {
  Packet packet = feedback_packet(0, 1, "2001 01");
  packet[16] = packet[17] = packet[18] = 0xFF;
  EXPECT_EQ(parse_transport_feedback(packet)->reference_time, -1);
}

/// What was told must be what came, to a quarter of a millisecond.
TEST(TransportFeedback, WhatTheWriterWritesTheReaderReads) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < 3000; ++round) {
    const int loss = random.between(1, 30);
    const int spread_us = random.one_in(3) ? random.between(1, 200'000) : random.between(1, 3000);
    std::int64_t sequence = random.between(70'000, 200'000);
    const std::int64_t base =
        sequence - (random.one_in(4) ? random.between(0, 20'000) : random.between(0, 3));
    Timestamp time{std::chrono::microseconds(random.between<std::int64_t>(0, 4'000'000'000'000))};
    std::vector<FeedbackArrival> arrivals;
    const int count = random.between(1, 700);
    for (int i = 0; i < count; ++i) {
      arrivals.push_back({sequence, time});
      sequence += random.one_in(loss) ? random.between(1, 40) : 1;
      if (random.one_in(200)) sequence += random.between(1, 9000);
      time +=
          std::chrono::microseconds(random.between(random.one_in(10) ? -spread_us : 0, spread_us));
    }

    std::int64_t told_base = base;
    std::span<const FeedbackArrival> left(arrivals);
    const std::size_t room = random.between<std::size_t>(24, 1200);
    while (!left.empty()) {
      Packet memory(room);
      const FeedbackWritten written = write_transport_feedback(memory, 1, 2, 3, told_base, left);
      ASSERT_LE(written.size, room);
      if (written.size == 0) {
        ASSERT_LT(room, 64U) << "a word or two, and gaps of a few chunks";
        break;
      }
      const auto feedback = parse_transport_feedback(Bytes(memory).first(written.size));
      ASSERT_TRUE(feedback);
      ASSERT_EQ(feedback->base_sequence, static_cast<std::uint16_t>(told_base));
      std::map<std::int64_t, Timestamp> expected;
      for (const auto& arrival : left.first(written.arrivals)) {
        expected[arrival.sequence] = arrival.arrival;
      }
      std::int64_t at = told_base;
      // 24 bits of 64 ms: told modulo 2^24.
      const Duration first = left.front().arrival.time_since_epoch();
      const std::int64_t reference = first / kFeedbackReferenceTick;
      ASSERT_EQ(feedback->reference_time & 0xFFFFFF, reference & 0xFFFFFF);
      for (const FeedbackStatus& status : statuses(*feedback)) {
        const auto found = expected.find(at++);
        ASSERT_EQ(status.received, found != expected.end()) << at;
        if (!status.received) continue;
        const Duration error =
            reference * kFeedbackReferenceTick + status.arrival - found->second.time_since_epoch();
        ASSERT_LE(error, kFeedbackTick / 2);
        ASSERT_GE(error, -kFeedbackTick / 2);
      }
      ASSERT_EQ(at, left[written.arrivals - 1].sequence + 1) << "ends with the last arrival told";
      told_base = at;
      left = left.subspan(written.arrivals);
    }
  }
}

TEST(TransportFeedback, OrdinaryTrafficTakesLittleMoreThanAByteAPacket) {
  std::vector<FeedbackArrival> arrivals;
  for (int i = 0; i < 500; ++i) {
    if (i % 50 == 7) continue;
    arrivals.push_back({i, Timestamp(std::chrono::microseconds(i * 1000))});
  }
  Packet memory(1200);
  const FeedbackWritten written = write_transport_feedback(memory, 1, 2, 0, 0, arrivals);
  EXPECT_EQ(written.arrivals, arrivals.size());
  EXPECT_LT(written.size, 600U);
}

TEST(TransportFeedback, ADeltaBeyondSixteenBitsBeginsAnotherPacket) {
  const FeedbackArrival arrivals[] = {{1, at_ms(0)}, {2, at_ms(8191)}, {3, at_ms(20'000)}};
  Packet memory(100);
  EXPECT_EQ(write_transport_feedback(memory, 1, 2, 0, 1, arrivals).arrivals, 2U);
}

TEST(TransportFeedback, AGapBeyondSixteenBitsIsNotTold) {
  const FeedbackArrival arrivals[] = {{100'000, at_ms(0)}, {170'000, at_ms(1)}};
  Packet memory(100);
  const FeedbackWritten written = write_transport_feedback(memory, 1, 2, 0, 1, arrivals);
  EXPECT_EQ(written.arrivals, 1U);
  const auto feedback = parse_transport_feedback(Bytes(memory).first(written.size));
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->base_sequence, static_cast<std::uint16_t>(100'000));
  EXPECT_EQ(feedback->status_count, 1);
}

}  // namespace
}  // namespace rooms
