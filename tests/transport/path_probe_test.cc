// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer whose address changes and who does not know it.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <thread>

#include "gst/transport/network.h"
#include "tests/transport/tcp_peer.h"

namespace rooms {
namespace {

const IceCredentials kPeer{"peer", "password-of-the-peer"};
/// The beginning of an RTP packet: nobody's here, so nothing else of it is looked at.
const Packet kMedia = {0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4};

struct Call {
  Call() {
    gst_init(nullptr, nullptr);
    auto created = Network::create({.udp_port = 0, .announce_ips = {"127.0.0.1"}});
    network = std::move(*created);
    server = *SocketAddress::parse("127.0.0.1", network->port());
    transport = *network->create_transport([](MediaTransport::State) {});
    transport->set_remote(kPeer, {}, true);
    transport->admit();
  }
  ~Call() { transport->close(); }
  [[nodiscard]] std::uint64_t moved() const { return network->counters().moved_peers; }

  std::unique_ptr<Network> network;
  SocketAddress server;
  std::shared_ptr<MediaTransport> transport;
};

/// Sends media until it is asked whose it is.
std::optional<Packet> probe_for(const UdpPeer& stranger) {
  for (int tries = 0; tries < 100; ++tries) {
    if (!stranger.send(kMedia)) return std::nullopt;
    if (auto probe = stranger.receive(50)) return probe;
  }
  return std::nullopt;
}

Packet answer_to(const Packet& probe, const SocketAddress& server, std::string_view password) {
  Packet packet(256);
  StunWriter writer(packet, StunClass::kSuccess, parse_stun(probe)->transaction);
  writer.xor_mapped_address(server);
  packet.resize(writer.finish(password));
  return packet;
}

TEST(PathProbe, APeerWhoseAddressHasChangedIsFoundByWhatItSends) {
  Call call;
  {
    const UdpPeer before(call.server);
    ASSERT_TRUE(before.check(call.transport->local_credentials()));
  }
  const auto old_address = call.transport->remote();
  const UdpPeer after(call.server);
  const auto probe = probe_for(after);
  ASSERT_TRUE(probe);
  const auto message = parse_stun(*probe);
  ASSERT_TRUE(message && has_integrity(*message, kPeer.password));
  EXPECT_EQ(message->local_ufrag(), kPeer.ufrag);
  ASSERT_TRUE(after.send(answer_to(*probe, call.server, kPeer.password)));
  for (int tries = 0; tries < 500 && call.moved() == 0; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(call.moved(), 1U);
  EXPECT_NE(call.transport->remote(), old_address);
  // The peer's own check at its new address finds nothing to change.
  EXPECT_TRUE(after.check(call.transport->local_credentials()));
}

TEST(PathProbe, AStrangerWhoCannotAnswerChangesNothing) {
  Call call;
  const UdpPeer peer(call.server);
  ASSERT_TRUE(peer.check(call.transport->local_credentials()));
  const auto address = call.transport->remote();
  const UdpPeer stranger(call.server);
  const auto probe = probe_for(stranger);
  ASSERT_TRUE(probe);
  ASSERT_TRUE(stranger.send(answer_to(*probe, call.server, "a password of nobody's")));
  // Handed on to the peer by the stranger, who shows in the answer.
  const auto another = probe_for(stranger);
  ASSERT_TRUE(another);
  ASSERT_TRUE(stranger.send(answer_to(*another, call.server.with_port(9), kPeer.password)));
  ASSERT_TRUE(peer.check(call.transport->local_credentials()));
  EXPECT_EQ(call.moved(), 0U);
  EXPECT_EQ(call.transport->remote(), address);
}

TEST(PathProbe, WhoIsHeardIsNotSuspected) {
  Call call;
  const UdpPeer peer(call.server);
  const UdpPeer stranger(call.server);
  // As long as the peer checks often enough, strangers give rise to nothing.
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(peer.check(call.transport->local_credentials()));
    ASSERT_TRUE(stranger.send(kMedia));
  }
  ASSERT_TRUE(peer.check(call.transport->local_credentials()));
  EXPECT_FALSE(stranger.receive(100));
  EXPECT_GE(call.network->counters().dropped_unknown_peer, 1U);
}

}  // namespace
}  // namespace rooms
