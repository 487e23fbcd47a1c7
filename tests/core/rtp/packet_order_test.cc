// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtp/packet_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace rooms {
namespace {

using namespace std::chrono_literals;
using Order = PacketOrder<int>;
using Numbers = std::vector<int>;

Timestamp at(Duration time) { return Timestamp(time); }

Numbers packets_of(const std::vector<Order::Released>& released) {
  Numbers numbers;
  for (const auto& one : released) numbers.push_back(one.packet);
  return numbers;
}

Numbers put(Order& order, std::uint16_t sequence, Duration time = 0ms) {
  return packets_of(order.put(sequence, sequence, at(time)));
}

TEST(PacketOrder, HoldsNothingWhileNothingIsMissing) {
  Order order;
  EXPECT_EQ(put(order, 65535), Numbers{65535});
  EXPECT_EQ(put(order, 0), Numbers{0});
  EXPECT_EQ(put(order, 1), Numbers{1});
  EXPECT_EQ(order.held(), 0u);
}

TEST(PacketOrder, WaitsForAPacketThatComesLate) {
  Order order;
  put(order, 10);
  EXPECT_EQ(put(order, 12, 5ms), Numbers{});
  EXPECT_EQ(put(order, 13, 6ms), Numbers{});
  EXPECT_EQ(put(order, 11, 60ms), (Numbers{11, 12, 13}));
  EXPECT_EQ(order.counters().lost, 0u);
}

TEST(PacketOrder, GivesAHoleUpAfterItsPatience) {
  Order order({.patience = 100ms});
  put(order, 10);
  EXPECT_EQ(put(order, 13, 0ms), Numbers{});
  EXPECT_EQ(put(order, 14, 99ms), Numbers{});
  const auto released = order.put(15, 15, at(100ms));
  ASSERT_EQ(packets_of(released), (Numbers{13, 14, 15}));
  EXPECT_EQ(released[0].lost, 2u);
  EXPECT_EQ(released[1].lost, 0u);
  EXPECT_EQ(put(order, 11, 101ms), Numbers{}) << "too late";
  EXPECT_EQ(order.counters().late, 1u);
  EXPECT_EQ(order.counters().lost, 2u);
}

TEST(PacketOrder, WaitsForNobodyWithoutPatience) {
  Order order({.patience = 0ms});
  put(order, 1);
  EXPECT_EQ(put(order, 3), Numbers{3});
  EXPECT_EQ(put(order, 2), Numbers{});
}

TEST(PacketOrder, HoldsNoMoreThanItMay) {
  Order order({.patience = 10s, .most = 4});
  put(order, 1);
  for (std::uint16_t n = 3; n < 7; ++n) EXPECT_EQ(put(order, n), Numbers{});
  EXPECT_EQ(put(order, 7), (Numbers{3, 4, 5, 6, 7}));
}

TEST(PacketOrder, ATwinIsDropped) {
  Order order;
  put(order, 1);
  EXPECT_EQ(put(order, 1), Numbers{});
  EXPECT_EQ(put(order, 3), Numbers{});
  EXPECT_EQ(put(order, 3), Numbers{});
  EXPECT_EQ(put(order, 2), (Numbers{2, 3}));
  EXPECT_EQ(order.counters().late, 2u);
}

TEST(PacketOrder, FollowsAStreamThatBeginsAnew) {
  Order order;
  put(order, 30'000);
  put(order, 30'002);
  EXPECT_EQ(put(order, 5), (Numbers{30'002, 5}));
  EXPECT_EQ(put(order, 6), Numbers{6});
}

TEST(PacketOrder, SaysWhatIsLeftAtTheEnd) {
  Order order;
  put(order, 1);
  put(order, 4);
  put(order, 3);
  EXPECT_EQ(packets_of(order.drain()), (Numbers{3, 4}));
  order.reset();
  EXPECT_EQ(put(order, 900), Numbers{900});
}

TEST(PacketOrder, NeverGoesBackWhateverComes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Order order({.patience = 20ms, .most = 16});
  std::int64_t last = -1;
  std::uint64_t released = 0;
  for (int n = 0; n < 20'000; ++n) {
    const int offset = std::uniform_int_distribution(-12, 12)(random);
    const auto number = std::max(0, n + offset);
    for (const auto& one :
         order.put(static_cast<std::uint16_t>(number), number, at(std::chrono::milliseconds(n)))) {
      EXPECT_GT(one.packet, last);
      if (last >= 0) {
        EXPECT_EQ(one.packet - last - 1, std::int64_t{one.lost});
      }
      last = one.packet;
      ++released;
    }
    EXPECT_LE(order.held(), 17u);
  }
  EXPECT_EQ(released, order.counters().packets);
}

}  // namespace
}  // namespace rooms
