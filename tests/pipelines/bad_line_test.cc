// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms whose clients are behind a bad line: what the server does not get, or its viewer does not,
// is asked for again; what comes twice or late changes nothing.
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "tests/pipelines/room_fixture.h"
#include "tests/support/udp_relay.h"

namespace rooms::test {
namespace {

constexpr unsigned kFrames = 20;

class BadLineTest : public RoomTest {
 protected:
  /// A line to the server; both directions are the same.
  static std::unique_ptr<UdpRelay> line(std::string_view settings) {
    UdpRelay::Settings wanted;
    wanted.listen = *SocketAddress::parse("127.0.0.1", 0);
    wanted.target = *SocketAddress::parse("127.0.0.1", media_->udp_port());
    wanted.up = wanted.down = *with_settings({}, settings);
    auto relay = UdpRelay::start(wanted);
    EXPECT_TRUE(relay) << relay.error().message;
    return relay ? std::move(*relay) : nullptr;
  }
  /// The server's answer as if it were at the other end of that line only.
  static std::string over(const UdpRelay& line, const std::string& answer) {
    const auto port = std::to_string(line.address().port());
    const auto without_tcp =
        std::regex_replace(answer, std::regex("a=candidate:[^\r\n]* (tcp|TCP) [^\r\n]*\r?\n"), "");
    return std::regex_replace(without_tcp, std::regex(" [0-9]+ typ host"),
                              " " + port + " typ host");
  }

  std::unique_ptr<WebrtcClient> send_over(const UdpRelay& line, const std::string& who) {
    enter(who);
    auto client = WebrtcClient::publisher("red");
    client->repair();
    const auto reply = publish(who, client->offer());
    EXPECT_TRUE(reply) << reply.error().message;
    if (reply) client->accept(over(line, reply->sdp));
    return client;
  }
  std::unique_ptr<WebrtcClient> watch_over(const UdpRelay& line, const std::string& who) {
    enter(who, true);
    auto client = WebrtcClient::player(1, 1);
    client->repair();
    const auto answer = play(who, client->offer());
    EXPECT_TRUE(answer) << answer.error().message;
    if (answer) client->accept(over(line, *answer));
    return client;
  }
  /// Of all objects in the room's statistics.
  std::uint64_t sum_of(const std::string& counter) {
    const auto text = stats();
    const std::regex value("\"" + counter + "\":([0-9]+)");
    std::uint64_t sum = 0;
    for (auto one = std::sregex_iterator(text.begin(), text.end(), value);
         one != std::sregex_iterator(); ++one)
      sum += std::stoull((*one)[1]);
    return sum;
  }
  /// The picture goes on until that has been counted: chance may spare what can be repaired for a
  /// while.
  void expect_repairs(WebrtcClient& player, const std::string& counter) {
    do {
      ASSERT_TRUE(player.sees(1, Colour::kRed, kFrames)) << stats();
    } while (sum_of(counter) == 0 && player.frames() < 20 * kFrames);
    EXPECT_GT(sum_of(counter), 0U) << stats();
  }
};

TEST_F(BadLineTest, WhatComesTwiceOrLateFromAPublisherHarmsNobody) {
  const auto bad = line("delay=10ms duplicate=20% reorder=20% reorder-by=60ms");
  const auto camera = send_over(*bad, "ada");
  const auto player = watch("player", 1);
  EXPECT_TRUE(player->sees(1, Colour::kRed, kFrames)) << stats();
  EXPECT_TRUE(player->hears()) << stats();
  const auto counters = bad->counters(Direction::kUp);
  EXPECT_GT(counters.duplicated, 0U);
  EXPECT_GT(counters.reordered, 0U);
  EXPECT_GT(sum_of("dropped-replay"), 0U) << stats();
}

TEST_F(BadLineTest, WhatAPublisherLosesIsAskedForAndComesAgain) {
  const auto bad = line("delay=5ms loss=10% reorder=5%");
  const auto camera = send_over(*bad, "ada");
  const auto player = watch("player", 1);
  expect_repairs(*player, "recovered");
  EXPECT_GT(bad->counters(Direction::kUp).lost, 0U);
}

TEST_F(BadLineTest, WhatAPlayerMissesIsSentAgain) {
  const auto bad = line("delay=5ms loss=10% duplicate=5%");
  enter("ada");
  const auto camera = send("ada", "red");
  const auto player = watch_over(*bad, "player");
  expect_repairs(*player, "resent");
  EXPECT_TRUE(player->hears());
  EXPECT_GT(bad->counters(Direction::kDown).lost, 0U);
}

}  // namespace
}  // namespace rooms::test
