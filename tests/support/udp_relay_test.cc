// SPDX-License-Identifier: LGPL-2.1-or-later
// The relay between real sockets on loopback.
#include "tests/support/udp_relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

namespace rooms::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const auto kLoopback = *SocketAddress::parse("127.0.0.1", 0);

/// A socket on loopback that waits for what comes, for ten seconds at most.
class Peer {
 public:
  Peer() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage{};
    auto length = static_cast<socklen_t>(kLoopback.to_sockaddr(storage));
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&storage), length), 0);
    length = sizeof storage;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &length);
    address_ = SocketAddress::from_sockaddr(storage);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] SocketAddress address() const { return address_; }
  void send(const std::string& text, const SocketAddress& to) const {
    sockaddr_storage storage{};
    const auto length = static_cast<socklen_t>(to.to_sockaddr(storage));
    EXPECT_EQ(
        sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&storage), length),
        static_cast<ssize_t>(text.size()));
  }
  /// "" if nothing came.
  std::string hear() {
    std::string text(2000, '\0');
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const auto size =
        recvfrom(fd_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&storage), &length);
    if (size < 0) return "";
    from_ = SocketAddress::from_sockaddr(storage);
    text.resize(static_cast<std::size_t>(size));
    return text;
  }
  [[nodiscard]] SocketAddress from() const { return from_; }

 private:
  int fd_;
  SocketAddress address_;
  SocketAddress from_;
};

std::unique_ptr<UdpRelay> relay_to(const SocketAddress& target, std::string_view up = "",
                                   std::string_view down = "") {
  UdpRelay::Settings settings;
  settings.listen = kLoopback;
  settings.target = target;
  settings.up = *with_settings({}, up);
  settings.down = *with_settings({}, down);
  auto relay = UdpRelay::start(settings);
  EXPECT_TRUE(relay) << relay.error().message;
  return relay ? std::move(*relay) : nullptr;
}

TEST(UdpRelay, KeepsClientsApartAndBringsAnswersBack) {
  Peer server;
  Peer ada;
  Peer bob;
  const auto relay = relay_to(server.address());
  ada.send("ada", relay->address());
  EXPECT_EQ(server.hear(), "ada");
  const auto ada_seen = server.from();
  bob.send("bob", relay->address());
  EXPECT_EQ(server.hear(), "bob");
  EXPECT_NE(server.from(), ada_seen);
  server.send("to bob", server.from());
  server.send("to ada", ada_seen);
  EXPECT_EQ(bob.hear(), "to bob");
  EXPECT_EQ(ada.hear(), "to ada");
  EXPECT_EQ(ada.from(), relay->address());
  EXPECT_EQ(relay->clients(), 2U);
}

TEST(UdpRelay, DelaysEachDirectionByItsOwnTime) {
  Peer server;
  Peer ada;
  const auto relay = relay_to(server.address(), "delay=60ms", "delay=30ms");
  const auto begun = Clock::now();
  ada.send("hello", relay->address());
  EXPECT_EQ(server.hear(), "hello");
  const auto there = Clock::now();
  EXPECT_GE(there - begun, 60ms);
  server.send("hello back", server.from());
  EXPECT_EQ(ada.hear(), "hello back");
  EXPECT_GE(Clock::now() - there, 30ms);
}

TEST(UdpRelay, ChangesWhileItRuns) {
  Peer server;
  Peer ada;
  const auto relay = relay_to(server.address(), "loss=100%");
  ada.send("lost", relay->address());
  while (relay->counters(Direction::kUp).lost == 0) usleep(1000);
  relay->change(Direction::kUp, *with_settings({}, "duplicate=100%"));
  ada.send("twice", relay->address());
  EXPECT_EQ(server.hear(), "twice");
  EXPECT_EQ(server.hear(), "twice");
  EXPECT_EQ(relay->counters(Direction::kUp).forwarded, 2U);
  EXPECT_EQ(relay->counters(Direction::kDown).received, 0U);
}

TEST(UdpRelay, LetsOthersOvertakeAndHoldsBackWhatTheLineCannotTake) {
  Peer server;
  Peer ada;
  const auto relay = relay_to(server.address(), "reorder=100% reorder-by=100ms");
  ada.send("first", relay->address());
  while (relay->counters(Direction::kUp).received == 0) usleep(1000);
  relay->change(Direction::kUp, {});
  ada.send("second", relay->address());
  EXPECT_EQ(server.hear(), "second");
  EXPECT_EQ(server.hear(), "first");

  relay->change(Direction::kUp, *with_settings({}, "rate=100k queue=10s"));
  const auto begun = Clock::now();
  for (int i = 0; i < 4; ++i) ada.send(std::string(500, 'x'), relay->address());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.hear().size(), 500U);
  EXPECT_GE(Clock::now() - begun, 160ms);  // 2000 bytes
}

TEST(UdpRelay, AnAddressThatIsTakenIsNamed) {
  Peer server;
  UdpRelay::Settings settings;
  settings.listen = server.address();
  settings.target = server.address();
  const auto relay = UdpRelay::start(settings);
  ASSERT_FALSE(relay);
  EXPECT_NE(relay.error().message.find(server.address().text()), std::string::npos);
}

TEST(UdpRelay, ATargetThatIsNotThereHurtsNobody) {
  Peer ada;
  Peer server;
  const auto nobody = [] { return Peer().address(); }();
  const auto relay = relay_to(nobody);
  for (int i = 0; i < 3; ++i) {
    ada.send("anybody?", relay->address());
    usleep(2000);
  }
  while (relay->counters(Direction::kUp).received < 3) usleep(1000);
  EXPECT_EQ(relay->counters(Direction::kDown).received, 0U);
}

}  // namespace
}  // namespace rooms::test
