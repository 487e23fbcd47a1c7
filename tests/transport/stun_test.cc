// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose checks are few by force, and whose are not.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include "gst/transport/network.h"
#include "tests/transport/tcp_peer.h"

namespace rooms {
namespace {

TEST(Stun, AFloodFromAnAddressSilencesNobodyThereWhoHasBeenAuthenticated) {
  gst_init(nullptr, nullptr);
  auto network = Network::create({.udp_port = 0});
  ASSERT_TRUE(network) << network.error().message;
  const auto transport = *(*network)->create_transport([](MediaTransport::State) {});
  const auto server = *SocketAddress::parse("127.0.0.1", (*network)->port());
  const auto credentials = transport->local_credentials();
  const UdpPeer peer(server);
  ASSERT_TRUE(peer.check(credentials));

  const UdpPeer flood(server);
  const auto& limited = (*network)->counters().dropped_stun_rate;
  for (int i = 0; i < 20'000 && limited == 0; ++i) flood.ask({"nobody", "a password of nobody's"});
  ASSERT_GT(limited, 0U);
  for (int i = 0; i < 50; ++i) {
    flood.ask({"nobody", "a password of nobody's"});
    EXPECT_TRUE(peer.check(credentials)) << i;
  }
  transport->close();
}

TEST(Stun, NewcomersBehindOneAddressAreNotTakenForAFlood) {
  gst_init(nullptr, nullptr);
  auto network = Network::create({.udp_port = 0});
  ASSERT_TRUE(network) << network.error().message;
  const auto server = *SocketAddress::parse("127.0.0.1", (*network)->port());
  std::vector<std::shared_ptr<MediaTransport>> transports;
  for (int i = 0; i < 900; ++i) {
    transports.push_back(*(*network)->create_transport([](MediaTransport::State) {}));
    const UdpPeer peer(server);
    ASSERT_TRUE(peer.check(transports.back()->local_credentials())) << i;
  }
  EXPECT_EQ((*network)->counters().dropped_stun_rate, 0U);
  for (const auto& transport : transports) transport->close();
}

}  // namespace
}  // namespace rooms
