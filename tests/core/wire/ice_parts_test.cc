// SPDX-License-Identifier: LGPL-2.1-or-later
// Addresses, candidate lines, framing on TCP and the rate limit.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "gst/core/ice/candidate.h"
#include "gst/core/ice/rfc4571.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/ice/stun_rate_limit.h"
#include "tests/core/wire/packets.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;

TEST(SocketAddress, ParsesAndPrints) {
  EXPECT_EQ(SocketAddress::parse("192.0.2.1", 4000)->text(), "192.0.2.1:4000");
  EXPECT_EQ(SocketAddress::parse("2001:db8::1", 4000)->text(), "[2001:db8::1]:4000");
  EXPECT_EQ(SocketAddress::parse("::ffff:192.0.2.1", 1)->text(), "192.0.2.1:1");
  EXPECT_EQ(SocketAddress{}.text(), "");
  for (const char* bad :
       {"", "192.0.2", "192.0.2.256", "example.org", "[::1]", ":::", "2001:db8::1%eth0",
        "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111"}) {
    EXPECT_FALSE(SocketAddress::parse(bad, 1)) << bad;
  }
  EXPECT_FALSE(SocketAddress::parse(std::string_view("1.2.3.4\0", 8), 1));
}

TEST(SocketAddress, SurvivesSockaddrAndMapping) {
  Random random;
  SCOPED_TRACE(random.seed());
  std::unordered_set<SocketAddress> all;
  for (int i = 0; i < 1000; ++i) {
    std::array<std::uint8_t, 16> six;
    for (auto& byte : six) byte = random.u8();
    const SocketAddress address =
        i % 2 == 0 ? SocketAddress::v6(six, random.u16(), random.u32())
                   : SocketAddress::v4({six[0], six[1], six[2], six[3]}, random.u16());
    sockaddr_storage storage{};
    ASSERT_GT(address.to_sockaddr(storage), 0U);
    EXPECT_EQ(SocketAddress::from_sockaddr(storage), address);
    EXPECT_EQ(address.to_sockaddr(storage, true), sizeof(sockaddr_in6));
    EXPECT_EQ(storage.ss_family, AF_INET6);
    EXPECT_EQ(SocketAddress::from_sockaddr(storage), address);
    EXPECT_NE(address.with_port(address.port() ^ 1), address);
    all.insert(address);
  }
  EXPECT_GT(all.size(), 990U);
  sockaddr_storage unknown{};
  EXPECT_FALSE(SocketAddress::from_sockaddr(unknown).valid());
  EXPECT_EQ(SocketAddress{}.to_sockaddr(unknown), 0U);
}

TEST(SocketAddress, HashesSpreadOverNeighbouringAddressesAndPorts) {
  std::set<std::size_t> low_bits;
  for (std::uint8_t host = 0; host < 64; ++host) {
    for (std::uint16_t port = 50000; port < 50064; ++port) {
      low_bits.insert(SocketAddress::v4({10, 0, 0, host}, port).hash() % 65536);
    }
  }
  EXPECT_GT(low_bits.size(), 3900U) << "of 4096";
}

TEST(Candidate, WritesHostCandidatesInOrderOfPreference) {
  const SocketAddress udp[] = {*SocketAddress::parse("192.0.2.1", 3478),
                               *SocketAddress::parse("2001:db8::1", 3478), SocketAddress{}};
  const SocketAddress tcp[] = {*SocketAddress::parse("192.0.2.1", 3479)};
  const auto candidates = host_candidates(udp, tcp, 42);
  ASSERT_EQ(candidates.size(), 3U);
  EXPECT_EQ(candidates[0].priority, 2130706431U);  // 126 << 24 | 65535 << 8 | 255
  EXPECT_EQ(candidates[1].priority, 2130706175U);
  EXPECT_LT(candidates[2].priority, candidates[1].priority);
  EXPECT_EQ(write_candidate(candidates[0]),
            "candidate:" + candidates[0].foundation + " 1 udp 2130706431 192.0.2.1 3478 typ host");
  EXPECT_EQ(write_candidate(candidates[2]), "candidate:" + candidates[2].foundation + " 1 tcp " +
                                                std::to_string(candidates[2].priority) +
                                                " 192.0.2.1 3479 typ host tcptype passive");
  EXPECT_NE(candidates[0].foundation, candidates[1].foundation);
  EXPECT_NE(candidates[0].foundation, candidates[2].foundation);
  EXPECT_EQ(host_candidates(udp, tcp, 42)[0].foundation, candidates[0].foundation);
  EXPECT_NE(host_candidates(udp, tcp, 43)[0].foundation, candidates[0].foundation);
}

TEST(Candidate, PrioritiesAreThoseOfTheRfcs) {
  // RFC 6544 4.2: other-pref in 13 bits below the direction.
  EXPECT_EQ(candidate_priority(CandidateType::kHost, CandidateTransport::kTcpPassive, 0x1FFF),
            (90U << 24) | (((4U << 13) | 0x1FFF) << 8) | 255);
  EXPECT_EQ(candidate_priority(CandidateType::kServerReflexive,
                               CandidateTransport::kTcpSimultaneousOpen, 0),
            (70U << 24) | ((6U << 13) << 8) | 255);
  EXPECT_EQ(candidate_priority(CandidateType::kRelayed, CandidateTransport::kUdp, 70000, 2),
            (0xFFFFU << 8) | 254);
}

TEST(Candidate, ReadsWhatBrowsersWrite) {
  const auto chrome = parse_candidate(
      "candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.17 rport "
      "46154 "
      "generation 0 ufrag EEtu network-id 3 network-cost 10");
  ASSERT_TRUE(chrome.ok()) << chrome.error().message;
  EXPECT_EQ(chrome->type, CandidateType::kServerReflexive);
  EXPECT_EQ(chrome->address, SocketAddress::parse("203.0.113.9", 46154));
  const auto mdns = parse_candidate(
      "a=candidate:1 1 UDP 2122252543 0b5e1a2c-8d1b-4f7a-9a57-3d7a1c1e2f60.local 50123 typ "
      "host\r\n");
  ASSERT_TRUE(mdns.ok()) << mdns.error().message;
  EXPECT_FALSE(mdns->address.valid());
  EXPECT_EQ(mdns->port, 50123);
  const auto tcp =
      parse_candidate("candidate:5 1 TCP 2105524479 2001:db8::5 9 typ host tcptype active");
  ASSERT_TRUE(tcp.ok()) << tcp.error().message;
  EXPECT_EQ(tcp->transport, CandidateTransport::kTcpActive);
  EXPECT_EQ(parse_candidate(write_candidate(*tcp))->address, tcp->address);
}

TEST(Candidate, RefusesMalformedLinesAndNamesTheCause) {
  struct Row {
    const char* line;
    const char* cause;
  };
  const Row rows[] = {
      {"", "begins with"},
      {"1 1 udp 1 192.0.2.1 1 typ host", "begins with"},
      {"candidate:", "foundation"},
      {"candidate:a_b 1 udp 1 192.0.2.1 1 typ host", "foundation"},
      {"candidate:1 0 udp 1 192.0.2.1 1 typ host", "component"},
      {"candidate:1 257 udp 1 192.0.2.1 1 typ host", "component"},
      {"candidate:1 1 sctp 1 192.0.2.1 1 typ host", "transport"},
      {"candidate:1 1 udp 4294967296 192.0.2.1 1 typ host", "priority"},
      {"candidate:1 1 udp -1 192.0.2.1 1 typ host", "priority"},
      {"candidate:1 1 udp 1 example.org 1 typ host", "address"},
      {"candidate:1 1 udp 1 192.0.2.1 65536 typ host", "port"},
      {"candidate:1 1 udp 1 192.0.2.1 1 host", "typ"},
      {"candidate:1 1 udp 1 192.0.2.1 1 typ", "type"},
      {"candidate:1 1 udp 1 192.0.2.1 1 typ magic", "type"},
      {"candidate:1 1 tcp 1 192.0.2.1 1 typ host", "tcptype"},
      {"candidate:1 1 tcp 1 192.0.2.1 1 typ host tcptype", "tcptype"},
      {"candidate:1 1 tcp 1 192.0.2.1 1 typ host tcptype x", "tcptype"},
  };
  for (const Row& row : rows) {
    const auto result = parse_candidate(row.line);
    ASSERT_FALSE(result.ok()) << row.line;
    EXPECT_EQ(result.error().code, "candidate-malformed");
    EXPECT_NE(result.error().message.find(row.cause), std::string::npos) << result.error().message;
  }
}

TEST(Rfc4571, ReadsFramesHoweverTheStreamIsCut) {
  Random random;
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < 50; ++round) {
    std::vector<Packet> sent;
    Packet stream;
    for (int i = 0; i < 40; ++i) {
      const std::size_t size = random.one_in(10) ? random.between<std::size_t>(0, 65535)
                                                 : random.between<std::size_t>(0, 1500);
      Packet frame = random.bytes(size);
      Packet framed(size + 2);
      ASSERT_EQ(write_rfc4571(framed, frame), framed.size());
      stream.insert(stream.end(), framed.begin(), framed.end());
      if (size > 0) sent.push_back(std::move(frame));
    }
    Rfc4571Reader reader;
    std::vector<Packet> received;
    for (std::size_t at = 0; at < stream.size();) {
      const MutableBytes space = reader.writable();
      ASSERT_FALSE(space.empty());
      const std::size_t size =
          std::min({space.size(), stream.size() - at,
                    random.one_in(3) ? std::size_t{1} : random.between<std::size_t>(1, 4000)});
      std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), size, space.begin());
      reader.written(size);
      at += size;
      while (const auto frame = reader.next()) received.emplace_back(frame->begin(), frame->end());
    }
    EXPECT_FALSE(reader.broken());
    EXPECT_EQ(received, sent);
  }
}

TEST(Rfc4571, AFrameLongerThanAllowedBreaksTheConnection) {
  Rfc4571Reader reader(1500);
  const auto feed = [&](const Packet& bytes) {
    std::copy(bytes.begin(), bytes.end(), reader.writable().begin());
    reader.written(bytes.size());
  };
  feed({0x00, 0x01, 0x42, 0x05, 0xDD});
  EXPECT_EQ(reader.next()->size(), 1U);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
  EXPECT_TRUE(reader.writable().empty());
}

TEST(Rfc4571, TheWriterRefusesWhatDoesNotFit) {
  Packet out(11);
  EXPECT_EQ(write_rfc4571(out, Packet(10)), 0U);
  EXPECT_EQ(write_rfc4571(out, Packet(9)), 11U);
  Packet large(70000);
  EXPECT_EQ(write_rfc4571(large, Packet(65536)), 0U);
}

TEST(StunRateLimit, AllowsABurstThenTheRate) {
  StunRateLimit limit({.per_second = 10, .burst = 5, .sources = 64}, 1);
  const SocketAddress a = *SocketAddress::parse("192.0.2.1", 1);
  int allowed = 0;
  for (int i = 0; i < 20; ++i) {
    allowed += limit.allow(a.with_port(static_cast<std::uint16_t>(i)), at_ms(0));
  }
  EXPECT_EQ(allowed, 5) << "the port makes no difference";
  allowed = 0;
  for (int ms = 1; ms <= 10'000; ++ms) allowed += limit.allow(a, at_ms(ms));
  EXPECT_NEAR(allowed, 100, 1);
  EXPECT_TRUE(limit.allow(*SocketAddress::parse("192.0.2.2", 1), at_ms(0)));
}

TEST(StunRateLimit, WhatIsGivenBackDoesNotCount) {
  StunRateLimit limit({.per_second = 1, .burst = 5, .sources = 64}, 1);
  const SocketAddress a = *SocketAddress::parse("192.0.2.1", 1);
  limit.give_back(a);  // who has taken nothing gets nothing
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limit.allow(a, at_ms(0))) << i;
    limit.give_back(a);
  }
  int allowed = 0;
  for (int i = 0; i < 20; ++i) allowed += limit.allow(a, at_ms(0));
  EXPECT_EQ(allowed, 5);
}

TEST(StunRateLimit, ANetworkOfIpv6IsOneSourceAndTheTableStaysBounded) {
  StunRateLimit limit({.per_second = 1, .burst = 1, .sources = 64}, 7);
  EXPECT_TRUE(limit.allow(*SocketAddress::parse("2001:db8::1", 1), at_ms(0)));
  EXPECT_FALSE(limit.allow(*SocketAddress::parse("2001:db8::2", 1), at_ms(0)));
  EXPECT_TRUE(limit.allow(*SocketAddress::parse("2001:db8:0:1::1", 1), at_ms(0)));
  Random random;
  for (int i = 0; i < 100'000; ++i) {
    limit.allow(SocketAddress::v4({random.u8(), random.u8(), random.u8(), random.u8()}, 1),
                at_ms(i / 100));
  }
  EXPECT_TRUE(limit.allow(SocketAddress{}, at_ms(2000)));
}

}  // namespace
}  // namespace rooms
