// SPDX-License-Identifier: LGPL-2.1-or-later
// A real server, two groups of clients on it: bystanders who must not notice anything, and an
// intruder who has a connection of its own and may send what it likes on it.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gst/core/ice/stun.h"
#include "gst/glue/clock.h"
#include "tests/load/client.h"
#include "tests/load/media_loop.h"
#include "tests/load/run.h"
#include "tests/load/signalling.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms::load {

inline Options options_for(const ServerProcess& server) {
  Options options;
  options.url = server.http();
  options.room = "abuse";
  options.quiet = true;
  return options;
}

/// One publisher, two players of it, from construction until `leave`.
class Bystanders {
 public:
  explicit Bystanders(const ServerProcess& server) : options_(options_for(server)) {
    options_.subscribers = 2;
    options_.warmup = std::chrono::seconds(1);
    options_.duration = std::chrono::minutes(10);
    options_.verify = 1;
    thread_ = std::thread([this] { live(); });
  }
  ~Bystanders() { leave(); }
  Bystanders(const Bystanders&) = delete;
  Bystanders& operator=(const Bystanders&) = delete;

  /// What came of it; nullopt when it failed.
  std::optional<Report> leave() {
    interrupted_ = true;
    if (thread_.joinable()) thread_.join();
    return report_;
  }

 private:
  void live() {
    LoadRun run(options_, interrupted_);
    const auto ready = run.prepare();
    EXPECT_TRUE(ready) << ready.error().message;
    if (!ready) return;
    auto report = run.run();
    EXPECT_TRUE(report) << report.error().message;
    if (report) report_ = std::move(*report);
    run.leave();
  }

  Options options_;
  std::atomic<bool> interrupted_ = false;
  std::optional<Report> report_;
  std::thread thread_;
};

/// A UDP socket on one of the many addresses of loopback.
class UdpSender {
 public:
  explicit UdpSender(std::uint16_t server_port, const std::string& source = "127.0.0.1")
      : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_storage storage{};
    SocketAddress::parse(source, 0)->to_sockaddr(storage);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&storage), sizeof(sockaddr_in)), 0) << source;
    SocketAddress::parse("127.0.0.1", server_port)->to_sockaddr(storage);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&storage), sizeof(sockaddr_in)), 0);
    const timeval patience{0, 300'000};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~UdpSender() { close(fd_); }
  UdpSender(const UdpSender&) = delete;
  UdpSender& operator=(const UdpSender&) = delete;

  void send(Bytes datagram) const { (void)!::send(fd_, datagram.data(), datagram.size(), 0); }
  /// Empty: nothing came for 0.3 s.
  [[nodiscard]] std::vector<std::uint8_t> receive() const {
    std::vector<std::uint8_t> datagram(2048);
    const auto size = recv(fd_, datagram.data(), datagram.size(), 0);
    datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return datagram;
  }

 private:
  int fd_;
};

/// A publisher in the same room, through WHIP.
class Intruder {
 public:
  Intruder(const ServerProcess& server, const std::string& name) : options_(options_for(server)) {
    auto identity = DtlsIdentity::create();
    EXPECT_TRUE(identity);
    identity_ = std::move(*identity);
    EXPECT_TRUE(loop_.start());
    ClientFactory factory(options_, *identity_, *SocketAddress::parse("127.0.0.1", 9),
                          loop_.traffic());
    auto client = factory.publisher({options_.room, 0, 0, name});
    EXPECT_TRUE(client);
    client_ = std::move(*client);
    signalling_ = make_signalling(options_);
    EXPECT_TRUE(signalling_->open({options_.room}));
    auto remote = signalling_->publish(*client_);
    EXPECT_TRUE(remote) << remote.error().message;
    if (remote) remote_ = std::move(*remote);
  }
  ~Intruder() {
    signalling_->leave(*client_);
    if (connected_) loop_.call([&] { loop_.end(*client_->transport); });
  }
  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;

  /// ICE and DTLS, then media as anybody's.
  bool connect() {
    connected_ = true;
    loop_.call(
        [&] { loop_.begin(*client_->transport, remote_, *client_->publisher, monotonic_now()); });
    for (int i = 0; i < 200; ++i) {
      auto state = Transport::State::kIdle;
      loop_.call([&] { state = client_->transport->state(); });
      if (state == Transport::State::kConnected) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  /// From the address that the server knows as this connection's.
  void send(Bytes datagram) {
    loop_.call(
        [&] { (void)!::send(client_->transport->fd(), datagram.data(), datagram.size(), 0); });
  }
  /// `plain`: an RTP packet with a header of `header_size` bytes, well-formed or not.
  std::vector<std::uint8_t> protect(Bytes plain, std::size_t header_size) {
    std::vector<std::uint8_t> packet(plain.begin(), plain.end());
    packet.resize(plain.size() + kSrtpTagSize);
    loop_.call([&] {
      const auto size = client_->transport->outgoing().protect_rtp(
          packet, header_size, plain.subspan(header_size), {}, 0);
      packet.resize(size);
    });
    return packet;
  }
  /// A binding request as the peer of this connection would make it.
  [[nodiscard]] std::vector<std::uint8_t> check(std::uint32_t number, const std::string& password,
                                                bool nominate) const {
    std::vector<std::uint8_t> packet(256);
    StunTransactionId transaction{0x77};
    store_u32(transaction.data() + 4, number);
    StunWriter writer(packet, StunClass::kRequest, transaction);
    writer.username(remote_.transport.ufrag, client_->transport->local_end().transport.ufrag)
        .priority(1)
        .controlling(1);
    if (nominate) writer.use_candidate();
    packet.resize(writer.finish(password));
    return packet;
  }

  [[nodiscard]] const RemoteEnd& remote() const { return remote_; }
  Client& client() { return *client_; }
  const DtlsIdentity& identity() { return *identity_; }

 private:
  Options options_;
  std::unique_ptr<DtlsIdentity> identity_;
  MediaLoop loop_{false};
  std::unique_ptr<Signalling> signalling_;
  std::unique_ptr<Client> client_;
  RemoteEnd remote_;
  bool connected_ = false;
};

}  // namespace rooms::load
