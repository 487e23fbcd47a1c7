// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/datagram_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "gst/transport/send_batch.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Datagram = DatagramRuns::Datagram;

/// Peers a, b, .. on IPv4; A, B, .. on IPv6.
UdpDestination peer(char name) {
  const bool ipv6 = name < 'a';
  const auto port = static_cast<std::uint16_t>(1000 + name);
  return to_destination(*SocketAddress::parse(ipv6 ? "2001:db8::1" : "192.0.2.1", port));
}

std::vector<Datagram> datagrams(const std::vector<std::pair<char, std::size_t>>& rows) {
  std::vector<Datagram> result;
  for (const auto& [name, size] : rows) result.push_back({size, peer(name)});
  return result;
}

/// "a:0,2 b:1": which datagrams leave together, by name of the peer.
std::string words(DatagramRuns& planner, const std::vector<std::pair<char, std::size_t>>& rows,
                  bool join) {
  const auto all = datagrams(rows);
  std::string text;
  for (const auto run : planner.plan(all, join)) {
    if (!text.empty()) text += ' ';
    for (std::size_t i = run.first; i < std::size_t{run.first} + run.count; ++i) {
      const auto position = planner.order()[i];
      text += i == run.first ? std::string{rows[position].first, ':'} : ",";
      text += std::to_string(position);
    }
  }
  return text;
}

struct Row {
  const char* title;
  std::vector<std::pair<char, std::size_t>> datagrams;
  const char* joined;
  const char* single;
};

TEST(DatagramRuns, JoinsEqualSizesOfOneDestination) {
  const std::vector<Row> rows{
      {"nothing", {}, "", ""},
      {"one", {{'a', 9}}, "a:0", "a:0"},
      {"two peers", {{'a', 9}, {'b', 9}}, "a:0 b:1", "a:0 b:1"},
      {"alternating", {{'a', 9}, {'b', 9}, {'a', 9}, {'b', 9}}, "a:0,2 b:1,3", "a:0 b:1 a:2 b:3"},
      {"shorter last", {{'a', 9}, {'a', 9}, {'a', 5}}, "a:0,1,2", "a:0 a:1 a:2"},
      {"nothing joins behind a shorter one",
       {{'a', 9}, {'a', 5}, {'a', 5}, {'a', 5}},
       "a:0,1 a:2,3",
       "a:0 a:1 a:2 a:3"},
      {"longer begins anew", {{'a', 5}, {'a', 9}, {'a', 9}}, "a:0 a:1,2", "a:0 a:1 a:2"},
      {"IPv4 first", {{'B', 9}, {'a', 9}, {'B', 9}}, "a:1 B:0,2", "a:1 B:0 B:2"},
  };
  DatagramRuns planner(8);
  for (const auto& row : rows) {
    EXPECT_EQ(words(planner, row.datagrams, true), row.joined) << row.title;
    EXPECT_EQ(words(planner, row.datagrams, false), row.single) << row.title;
  }
}

TEST(DatagramRuns, TellsPeersApartByAddressAndPort) {
  const auto at = [](const char* ip, std::uint16_t port) {
    return Datagram{9, to_destination(*SocketAddress::parse(ip, port))};
  };
  const std::vector<Datagram> all{
      at("192.0.2.1", 1),   at("192.0.2.2", 1),     at("192.0.2.1", 2),  at("2001:db8::1", 1),
      at("2001:db8::2", 1), at("2001:db8:1::1", 1), at("2001:db8::1", 2)};
  DatagramRuns planner(all.size());
  EXPECT_EQ(planner.plan(all, true).size(), all.size());
}

TEST(DatagramRuns, StopsWhereTheKernelWould) {
  DatagramRuns planner(256);
  const std::vector<Datagram> many(130, Datagram{100, peer('a')});
  EXPECT_EQ(planner.plan(many, true).size(), 3U) << "64 pieces at most";
  const std::vector<Datagram> large(64, Datagram{2000, peer('a')});
  const auto runs = planner.plan(large, true);
  ASSERT_EQ(runs.size(), 2U) << "65000 bytes at most";
  EXPECT_EQ(runs.front().count, 32U);
}

TEST(DatagramRuns, KeepsTheOrderOfEachDestinationAndLosesNothing) {
  Random random(7);
  SCOPED_TRACE(random.seed());
  DatagramRuns planner(300);
  for (int turn = 0; turn < 500; ++turn) {
    std::vector<Datagram> all;
    const auto peers = random.between(1, 26);
    const auto count = random.between(1, 300);
    for (int i = 0; i < count; ++i) {
      const auto name =
          static_cast<char>((random.one_in(5) ? 'A' : 'a') + random.between(0, peers));
      const std::size_t size = random.one_in(3) ? random.between(1, 2000) : 1100;
      all.push_back({size, peer(name)});
    }
    const auto runs = planner.plan(all, true);
    const auto order = planner.order();
    ASSERT_EQ(order.size(), all.size());

    std::vector<bool> seen(all.size());
    std::vector<std::pair<UdpDestination, std::uint16_t>> newest;
    std::size_t expected_first = 0;
    bool ipv6 = false;
    for (const auto run : runs) {
      ASSERT_EQ(run.first, expected_first);
      ASSERT_GE(run.count, 1);
      expected_first += run.count;
      const auto& first = all[order[run.first]];
      ASSERT_GE(first.destination.is_ipv6(), ipv6) << "IPv4 after IPv6";
      ipv6 = first.destination.is_ipv6();
      for (std::size_t i = run.first; i < expected_first; ++i) {
        const auto position = order[i];
        const auto& datagram = all[position];
        ASSERT_FALSE(seen[position]);
        seen[position] = true;
        ASSERT_TRUE(datagram.destination == first.destination);
        const bool last = i + 1 == expected_first;
        ASSERT_TRUE(datagram.size == first.size || (last && datagram.size < first.size));
        const auto before = std::find_if(newest.begin(), newest.end(), [&](const auto& entry) {
          return entry.first == datagram.destination;
        });
        if (before == newest.end()) {
          newest.emplace_back(datagram.destination, position);
        } else {
          ASSERT_GT(position, before->second) << "overtaken";
          before->second = position;
        }
      }
    }
  }
}

}  // namespace
}  // namespace rooms
