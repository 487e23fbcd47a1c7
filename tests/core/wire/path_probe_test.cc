// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/path_probe.h"

#include <gtest/gtest.h>

#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
using testing::Test;

const SocketAddress kOld = *SocketAddress::parse("192.0.2.1", 4000);
const SocketAddress kNew = *SocketAddress::parse("192.0.2.1", 4001);
const SocketAddress kElsewhere = *SocketAddress::parse("198.51.100.2", 5000);
const SocketAddress kServer = *SocketAddress::parse("203.0.113.7", 8443);
const IceCredentials kPeer{"peer", "password-of-the-peer"};
const StunTransactionId kTransaction{1, 2, 3};

TEST(LikelyBehind, OnlyWhoHasFallenSilentIsAsked) {
  const std::vector<SilentPeer> peers = {
      {kOld, at_ms(40'000)}, {kOld, at_ms(39'701)}, {kOld, at_ms(39'700)}, {kOld, at_ms(10'000)}};
  EXPECT_EQ(likely_behind(kNew, peers, at_ms(40'000)), (std::vector<std::size_t>{2}));
}

TEST(LikelyBehind, TheStrangersHostComesFirstAndThenWhoFellSilentLast) {
  const std::vector<SilentPeer> peers = {{kElsewhere, at_ms(1'000)},
                                         {kElsewhere, at_ms(3'000)},
                                         {kOld, at_ms(500)},
                                         {kOld, at_ms(600)}};
  EXPECT_EQ(likely_behind(kNew, peers, at_ms(4'000)), (std::vector<std::size_t>{3, 2, 1, 0}));
}

TEST(LikelyBehind, AServerFullOfSilentPeersAsksFew) {
  const std::vector<SilentPeer> peers(1000, {kElsewhere, at_ms(0)});
  EXPECT_EQ(likely_behind(kNew, peers, at_ms(1'000)).size(), PathProbes::kMostAsked);
  EXPECT_TRUE(likely_behind(kNew, {}, at_ms(1'000)).empty());
}

TEST(PathProbe, IsACheckThatThePeersAgentAccepts) {
  Packet probe(640);
  probe.resize(write_path_probe(probe, kTransaction, "server", kPeer, 7));
  const auto message = parse_stun(probe);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kRequest);
  EXPECT_EQ(message->username, "peer:server");
  EXPECT_EQ(message->controlled, 7U);
  EXPECT_FALSE(message->use_candidate);
  EXPECT_TRUE(has_integrity(*message, kPeer.password));
}

TEST(PathProbe, UserNamesOfAnyLengthFitOrNothingIsSent) {
  Packet probe(640);
  const IceCredentials longest{std::string(256, 'u'), std::string(256, 'p')};
  EXPECT_GT(write_path_probe(probe, kTransaction, std::string(256, 's'), longest, 0), 512U);
  Packet small(64);
  EXPECT_EQ(write_path_probe(small, kTransaction, std::string(256, 's'), longest, 0), 0U);
}

Packet answer(StunClass message_class, const SocketAddress& mapped, std::string_view password) {
  Packet packet(256);
  StunWriter writer(packet, message_class, kTransaction);
  writer.xor_mapped_address(mapped);
  packet.resize(writer.finish(password));
  return packet;
}

bool proves(const Packet& packet) {
  return proves_path(*parse_stun(packet), kPeer.password, std::array{kElsewhere, kServer});
}

TEST(PathProbe, IsProvedByThePeerAloneAndOnlyStraightFromUs) {
  EXPECT_TRUE(proves(answer(StunClass::kSuccess, kServer, kPeer.password)));
  EXPECT_FALSE(proves(answer(StunClass::kSuccess, kServer, "another password")));
  EXPECT_FALSE(proves(answer(StunClass::kError, kServer, kPeer.password)));
  EXPECT_FALSE(proves(answer(StunClass::kSuccess, kNew, kPeer.password))) << "handed on by others";
  Packet bare(64);
  bare.resize(StunWriter(bare, StunClass::kSuccess, kTransaction).finish(kPeer.password));
  EXPECT_FALSE(proves(bare)) << "tells no address";
}

TEST(PathProbes, AnswersCountOnceInTimeAndFromWhereTheyWereAskedFor) {
  PathProbes probes;
  probes.sent(kTransaction, kNew, "server", at_ms(0));
  EXPECT_FALSE(probes.answered({9}, kNew, at_ms(10)));
  EXPECT_FALSE(probes.answered(kTransaction, kElsewhere, at_ms(10)));
  EXPECT_EQ(probes.answered(kTransaction, kNew, at_ms(10)), "server");
  EXPECT_FALSE(probes.answered(kTransaction, kNew, at_ms(11)));
  probes.sent(kTransaction, kNew, "server", at_ms(100));
  EXPECT_FALSE(probes.answered(kTransaction, kNew, at_ms(3'101)));
  EXPECT_FALSE(PathProbes().answered({}, {}, at_ms(0))) << "nothing was sent";
}

TEST(PathProbes, StrangersCostLittle) {
  PathProbes probes;
  EXPECT_TRUE(probes.may_ask(kNew, at_ms(0)));
  EXPECT_FALSE(probes.may_ask(kNew, at_ms(199)));
  EXPECT_TRUE(probes.may_ask(kNew, at_ms(200)));
  unsigned asked = 0;
  for (std::uint16_t i = 0; i < 10'000; ++i)
    asked += probes.may_ask(kElsewhere.with_port(i), at_ms(1'000 + i / 10)) ? 1 : 0;
  EXPECT_EQ(asked, PathProbes::kStrangersPerSecond) << "in the second after the first";
}

}  // namespace
}  // namespace rooms
