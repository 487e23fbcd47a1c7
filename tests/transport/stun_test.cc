// SPDX-License-Identifier: LGPL-2.1-or-later
// Whose checks are few by force, and whose are not.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "gst/transport/network.h"
#include "gst/transport/worker.h"
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

TEST(Stun, WithoutAFingerprintNothingIsAnswered) {
  gst_init(nullptr, nullptr);
  auto network = Network::create({.udp_port = 0});
  ASSERT_TRUE(network) << network.error().message;
  const auto transport = *(*network)->create_transport([](MediaTransport::State) {});
  const UdpPeer peer(*SocketAddress::parse("127.0.0.1", (*network)->port()));
  auto check = check_of(transport->local_credentials());
  check.resize(check.size() - 8);
  store_u16(&check[2], static_cast<std::uint16_t>(check.size() - 20));
  ASSERT_TRUE(peer.send(check));
  EXPECT_TRUE(peer.check(transport->local_credentials())) << "the first answer is to this one";
  EXPECT_EQ((*network)->counters().dropped_stun_malformed, 1U);
  transport->close();
}

TEST(Stun, WhoWritesAPeersAddressOnRequestsMakesUsSendItLittle) {
  gst_init(nullptr, nullptr);
  auto network = Network::create({.udp_port = 0});
  ASSERT_TRUE(network) << network.error().message;
  const auto transport = *(*network)->create_transport([](MediaTransport::State) {});
  const auto credentials = transport->local_credentials();
  const UdpPeer peer(*SocketAddress::parse("127.0.0.1", (*network)->port()));
  ASSERT_TRUE(peer.check(credentials));
  constexpr std::uint64_t kForged = 5000;
  const auto& refused = (*network)->counters().refused_stun;
  for (std::uint64_t i = 0; i < kForged; ++i) {
    peer.ask({credentials.ufrag, "not the password"});
    while (i > refused + 50) std::this_thread::yield();
  }
  std::uint64_t told = 0;
  while (peer.receive(200)) ++told;
  EXPECT_GT(told, 0U);
  EXPECT_LT(told, kForged / 2);
  EXPECT_TRUE(peer.check(credentials)) << "its own are answered";
  transport->close();
}

int socket_of(int family, std::uint16_t port) {
  const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  const int on = 1;
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  return ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
}

TEST(Port, IsNotSharedWithAnotherProgramThatHasItOnIpv6) {
  gst_init(nullptr, nullptr);
  const int other = socket_of(AF_INET6, 0);
  if (other < 0) return;  // a machine without IPv6
  sockaddr_in6 address{};
  socklen_t length = sizeof address;
  getsockname(other, reinterpret_cast<sockaddr*>(&address), &length);
  const auto network = Network::create({.udp_port = ntohs(address.sin6_port)});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, "udp-port-taken");
  ::close(other);
}

TEST(Port, CountsWhatTheKernelDroppedOfEachOfItsTwoSockets) {
  gst_init(nullptr, nullptr);
  auto network = Network::create({.udp_port = 0, .workers = 1});
  ASSERT_TRUE(network) << network.error().message;
  const auto port = (*network)->port();
  const UdpPeer v4(*SocketAddress::parse("127.0.0.1", port));
  const UdpPeer v6(*SocketAddress::parse("::1", port));
  std::promise<void> go_on;
  ASSERT_TRUE((*network)->worker(0).post([&] { go_on.get_future().wait(); }));
  constexpr std::uint64_t kSent = 40'000;
  const Packet junk(50, 0xFF);
  for (std::uint64_t i = 0; i < kSent; ++i) v4.send(junk);
  for (std::uint64_t i = 0; i < kSent / 2; ++i) v6.send(junk);
  go_on.set_value();
  const auto& counters = (*network)->counters();
  // What comes when the rest has been read tells of it; on a busy machine that takes its time.
  for (int i = 0; i < 500 && counters.dropped_kernel == 0; ++i) {
    v4.send(junk);
    v6.send(junk);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_GT(counters.dropped_kernel, 0U);
  EXPECT_LT(counters.dropped_kernel, kSent * 3 / 2);
}

}  // namespace
}  // namespace rooms
