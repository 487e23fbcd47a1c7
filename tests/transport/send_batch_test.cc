// SPDX-License-Identifier: LGPL-2.1-or-later
// Real sockets on loopback.
#include "gst/transport/send_batch.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <vector>

#include "gst/transport/udp_socket.h"
#include "tests/core/wire/random.h"

namespace rooms {
namespace {

/// A peer that keeps what it is sent.
class Peer {
 public:
  explicit Peer(int family) : socket_(std::move(*UdpSocket::bind(family, 0, false))) {
    const auto* ip = family == AF_INET ? "127.0.0.1" : "::1";
    destination_ = to_destination(*SocketAddress::parse(ip, socket_.port()));
  }
  [[nodiscard]] const UdpDestination& destination() const { return destination_; }

  /// All that has come, at least @expected. Loopback mostly delivers within the sender's system
  /// call, but not on a busy machine.
  std::vector<std::vector<std::uint8_t>> receive(std::size_t expected) {
    std::vector<std::vector<std::uint8_t>> datagrams;
    std::array<std::uint8_t, 4096> room;
    pollfd readable{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
    while (poll(&readable, 1, datagrams.size() < expected ? 10'000 : 0) == 1) {
      const auto size = recv(socket_.fd(), room.data(), room.size(), MSG_DONTWAIT);
      if (size >= 0) datagrams.emplace_back(room.begin(), room.begin() + size);
    }
    return datagrams;
  }

 private:
  UdpSocket socket_;
  UdpDestination destination_;
};

class SendBatchTest : public testing::Test {
 protected:
  void put(SendBatch& batch, const Peer& peer, const std::vector<std::uint8_t>& datagram) {
    const auto room = batch.reserve();
    std::copy(datagram.begin(), datagram.end(), room.begin());
    batch.commit(datagram.size(), peer.destination());
  }

  UdpSocket ipv4_ = std::move(*UdpSocket::bind(AF_INET, 0, false));
  UdpSocket ipv6_ = std::move(*UdpSocket::bind(AF_INET6, 0, false));
  SendCounters counters_;
};

TEST_F(SendBatchTest, DeliversEveryDatagramWholeAndInOrder) {
  Random random(3);
  SCOPED_TRACE(random.seed());
  std::deque<Peer> peers;
  for (int i = 0; i < 5; ++i) peers.emplace_back(AF_INET);
  for (int i = 0; i < 2; ++i) peers.emplace_back(AF_INET6);
  SendBatch batch(ipv4_.fd(), ipv6_.fd(), counters_);

  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;
  for (int turn = 0; turn < 20; ++turn) {
    std::vector<std::vector<std::vector<std::uint8_t>>> expected(peers.size());
    for (int i = 0; i < 400; ++i) {
      const auto to = random.between(std::size_t{0}, peers.size() - 1);
      const auto size = random.one_in(4) ? random.between<std::size_t>(1, 1400) : 1100;
      expected[to].push_back(random.bytes(size));
      put(batch, peers[to], expected[to].back());
      ++datagrams;
      bytes += size;
    }
    batch.flush();
    for (std::size_t i = 0; i < peers.size(); ++i)
      EXPECT_EQ(peers[i].receive(expected[i].size()), expected[i]);
  }
  EXPECT_EQ(counters_.datagrams, datagrams);
  EXPECT_EQ(counters_.bytes, bytes);
  EXPECT_EQ(counters_.dropped_error, 0U);
  EXPECT_EQ(counters_.dropped_full, 0U);
}

TEST_F(SendBatchTest, JoinsWhatGoesToOnePeer) {
  Peer peer(AF_INET);
  SendBatch batch(ipv4_.fd(), ipv6_.fd(), counters_);
  for (int i = 0; i < 10; ++i) put(batch, peer, std::vector<std::uint8_t>(1000, 7));
  batch.flush();
  EXPECT_EQ(peer.receive(10).size(), 10U);
  EXPECT_EQ(counters_.calls, 1U);
  EXPECT_EQ(counters_.joined, 10U);
}

TEST_F(SendBatchTest, SendsOneByOneWhereTheKernelCannotJoin) {
  // A kernel cuts up nothing for sockets that send without checksums: it answers EINVAL.
  const int on = 1;
  ASSERT_EQ(setsockopt(ipv4_.fd(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  Peer peer(AF_INET);
  SendBatch batch(ipv4_.fd(), ipv6_.fd(), counters_);
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<std::vector<std::uint8_t>> expected;
    for (std::uint8_t i = 0; i < 10; ++i) {
      expected.emplace_back(1000, i);
      put(batch, peer, expected.back());
    }
    batch.flush();
    EXPECT_EQ(peer.receive(expected.size()), expected);
  }
  EXPECT_EQ(counters_.datagrams, 20U);
  EXPECT_EQ(counters_.dropped_error, 0U);
  EXPECT_EQ(counters_.joined, 0U);
  // The refused call and ten single ones; then one for all, as joining has been given up.
  EXPECT_EQ(counters_.calls, 12U);
}

TEST_F(SendBatchTest, DropsOnlyWhatCannotBeSent) {
  Peer good(AF_INET);
  SendBatch batch(ipv4_.fd(), -1, counters_);
  Peer unreachable(AF_INET6);  // there is no IPv6 socket
  for (std::uint8_t i = 0; i < 3; ++i) {
    put(batch, unreachable, {i, i});
    put(batch, good, {i});
  }
  batch.flush();
  EXPECT_EQ(good.receive(3).size(), 3U);
  EXPECT_EQ(counters_.dropped_error, 3U);
}

TEST_F(SendBatchTest, FlushesByItselfWhenFull) {
  Peer peer(AF_INET);
  SendBatch batch(ipv4_.fd(), ipv6_.fd(), counters_, 4);
  for (std::uint8_t i = 0; i < 10; ++i) put(batch, peer, {i});
  EXPECT_EQ(peer.receive(8).size(), 8U);
  batch.flush();
  EXPECT_EQ(peer.receive(2).size(), 2U);
}

TEST_F(SendBatchTest, WhatARoundOfAnotherThreadSendsLeavesTogetherAtItsEnd) {
  std::deque<Peer> peers;
  for (int i = 0; i < 20; ++i) peers.emplace_back(AF_INET);
  EXPECT_EQ(SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_), nullptr) << "there is no round";
  {
    const SendRound round;
    const SendRound within;  // of an element further down: it ends nothing
    auto* batch = SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_);
    ASSERT_NE(batch, nullptr);
    for (const auto& peer : peers) put(*batch, peer, {1, 2, 3});
    EXPECT_EQ(SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_), batch);
    EXPECT_EQ(counters_.datagrams, 0U);
  }
  EXPECT_EQ(counters_.datagrams, 20U);
  EXPECT_EQ(counters_.calls, 1U);
  for (auto& peer : peers) EXPECT_EQ(peer.receive(1).size(), 1U);
  EXPECT_EQ(SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_), nullptr);
}

TEST_F(SendBatchTest, ARoundSendsThroughTheSocketsOfWhoeverAsks) {
  const UdpSocket other = std::move(*UdpSocket::bind(AF_INET, 0, false));
  SendCounters of_other;
  Peer peer(AF_INET);
  {
    const SendRound round;
    put(*SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_), peer, {1});
    put(*SendRound::batch(other.fd(), -1, of_other), peer, {2});
  }
  EXPECT_EQ(counters_.datagrams, 1U);
  EXPECT_EQ(of_other.datagrams, 1U);
  EXPECT_EQ(peer.receive(2).size(), 2U);
}

TEST_F(SendBatchTest, ANetworkThreadHasItsOwnBatchAndNoRounds) {
  SendBatch own(ipv4_.fd(), ipv6_.fd(), counters_);
  const BatchScope scope(own);
  const SendRound round;
  EXPECT_EQ(SendRound::batch(ipv4_.fd(), ipv6_.fd(), counters_), nullptr);
}

}  // namespace
}  // namespace rooms
