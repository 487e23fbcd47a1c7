// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/ice_lite.h"

#include <gtest/gtest.h>

#include "tests/core/wire/packets.h"

namespace rooms {
namespace {

using Packet = std::vector<std::uint8_t>;
using Outcome = IceAnswer::Outcome;

const SocketAddress kWifi = *SocketAddress::parse("192.0.2.1", 4000);
const SocketAddress kCell = *SocketAddress::parse("198.51.100.2", 5000);
const SocketAddress kVpn = *SocketAddress::parse("2001:db8::3", 6000);

struct Check {
  std::string_view ufrag = "local";
  std::string_view password = "password-of-the-server";
  bool nominate = false;
  std::uint32_t priority = 100;
  bool controlled = false;
};

Packet request(const Check& check) {
  Packet packet(256);
  static std::uint8_t transaction = 0;
  ++transaction;
  StunWriter writer(packet, StunClass::kRequest, {1, 2, 3, transaction});
  writer.username(check.ufrag, "peer").priority(check.priority);
  if (check.controlled) {
    writer.controlled(5);
  } else {
    writer.controlling(5);
  }
  if (check.nominate) writer.use_candidate();
  packet.resize(writer.finish(check.password));
  return packet;
}

/// An agent and the last response it wrote.
class IceLiteTest : public testing::Test {
 protected:
  IceAnswer send(const IceTuple& from, std::int64_t now_ms, const Check& check = {}) {
    sent_ = request(check);
    return send_bytes(sent_, from, now_ms);
  }
  IceAnswer send_bytes(const Packet& packet, const IceTuple& from, std::int64_t now_ms) {
    response_.assign(IceLite::kMaxResponse, 0);
    const IceAnswer answer = agent_.on_request(packet, from, at_ms(now_ms), response_);
    response_.resize(answer.size);
    return answer;
  }
  std::optional<StunMessage> response() { return parse_stun(response_); }

  IceLite agent_{{"local", "password-of-the-server"}, at_ms(0)};
  Packet sent_;
  Packet response_;
};

TEST_F(IceLiteTest, AnswersAnAuthenticRequestWithTheAddressItSaw) {
  const IceAnswer answer = send(kWifi, 10);
  EXPECT_EQ(answer.outcome, Outcome::kAccepted);
  EXPECT_TRUE(answer.connected);
  EXPECT_TRUE(answer.selected_changed);
  const auto message = response();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kSuccess);
  EXPECT_EQ(message->transaction, parse_stun(sent_)->transaction);
  EXPECT_EQ(message->mapped_address, kWifi);
  EXPECT_TRUE(has_integrity(*message, "password-of-the-server"));
  EXPECT_EQ(agent_.selected(), kWifi);
  EXPECT_FALSE(agent_.nominated());
}

TEST_F(IceLiteTest, RefusesWithTheErrorTheRfcAsksFor) {
  EXPECT_EQ(send(kWifi, 0, {.ufrag = "other"}).error, StunError::kUnauthenticated);
  EXPECT_EQ(response()->error_code, 401);
  EXPECT_EQ(response()->integrity_offset, 0U);
  EXPECT_EQ(send(kWifi, 0, {.password = "wrong"}).error, StunError::kUnauthenticated);
  EXPECT_EQ(send(kWifi, 0, {.ufrag = ""}).error, StunError::kUnauthenticated);

  Packet bare(64);
  bare.resize(StunWriter(bare, StunClass::kRequest, {}).finish());
  EXPECT_EQ(send_bytes(bare, kWifi, 0).error, StunError::kBadRequest);
  EXPECT_EQ(response()->error_code, 400);
  Packet unsigned_request(64);
  StunWriter writer(unsigned_request, StunClass::kRequest, {});
  unsigned_request.resize(writer.username("local", "peer").finish());
  EXPECT_EQ(send_bytes(unsigned_request, kWifi, 0).error, StunError::kBadRequest);

  EXPECT_EQ(send(kWifi, 0, {.controlled = true}).error, StunError::kRoleConflict);
  EXPECT_EQ(response()->error_code, 487);
  EXPECT_TRUE(has_integrity(*response(), "password-of-the-server"));
  EXPECT_FALSE(agent_.selected());
}

TEST_F(IceLiteTest, NamesTheAttributesItDoesNotUnderstand) {
  // A request with one unknown attribute, signed: the writer has none of these, so the type of
  // PRIORITY is changed before signing by writing the message by hand.
  Packet with_unknown(256);
  StunWriter writer(with_unknown, StunClass::kRequest, {});
  writer.username("local", "peer").unknown_attributes({}).priority(1);
  const std::size_t priority_at = 20 + 4 + 12 + 4;
  store_u16(&with_unknown[priority_at], 0x7ABC);
  with_unknown.resize(writer.finish("password-of-the-server"));
  const IceAnswer answer = send_bytes(with_unknown, kWifi, 0);
  EXPECT_EQ(answer.error, StunError::kUnknownAttribute);
  EXPECT_EQ(response()->error_code, 420);
  const Packet named = from_hex("000a00027abc0000");
  EXPECT_NE(std::search(response_.begin(), response_.end(), named.begin(), named.end()),
            response_.end());
}

TEST_F(IceLiteTest, IgnoresIndicationsResponsesAndNoise) {
  Packet packet(64);
  packet.resize(StunWriter(packet, StunClass::kIndication, {}).finish());
  EXPECT_EQ(send_bytes(packet, kWifi, 0).outcome, Outcome::kIgnored);
  packet.resize(64);
  packet.resize(StunWriter(packet, StunClass::kSuccess, {}).finish());
  EXPECT_EQ(send_bytes(packet, kWifi, 0).outcome, Outcome::kIgnored);
  EXPECT_EQ(send_bytes({1, 2, 3}, kWifi, 0).outcome, Outcome::kIgnored);
  EXPECT_TRUE(response_.empty());
}

TEST_F(IceLiteTest, ANominationReplacesTheProvisionalTuple) {
  send(kWifi, 0);
  const IceAnswer answer = send(kCell, 10, {.nominate = true});
  EXPECT_TRUE(answer.selected_changed);
  EXPECT_FALSE(answer.connected);
  EXPECT_EQ(agent_.selected(), kCell);
  EXPECT_TRUE(agent_.nominated());
  EXPECT_FALSE(send(kWifi, 20, {.priority = 999}).selected_changed) << "no nomination";
}

TEST_F(IceLiteTest, FollowsThePeersDataUntilItNominates) {
  EXPECT_FALSE(agent_.on_data(kCell)) << "nobody has been authenticated";
  send(kWifi, 0);
  send(kCell, 1);
  EXPECT_EQ(agent_.selected(), kWifi);
  EXPECT_FALSE(agent_.on_data(kWifi));
  EXPECT_TRUE(agent_.on_data(kCell));
  EXPECT_EQ(agent_.selected(), kCell);
  EXPECT_TRUE(send(kWifi, 2, {.nominate = true}).selected_changed);
  EXPECT_FALSE(agent_.on_data(kCell));
  EXPECT_EQ(agent_.selected(), kWifi);
}

TEST_F(IceLiteTest, FollowsAPeerThatMovesAtOnceEvenToAWorsePath) {
  send(kWifi, 0, {.nominate = true, .priority = 200});
  EXPECT_TRUE(send(kCell, 100, {.nominate = true, .priority = 100}).selected_changed);
  EXPECT_EQ(agent_.selected(), kCell);
  EXPECT_TRUE(send(kWifi, 5000, {.nominate = true, .priority = 200}).selected_changed);
}

TEST_F(IceLiteTest, SettlesOnTheBestOfSeveralTuplesThatAreNominatedAgainAndAgain) {
  int changes = 0;
  for (int round = 0; round < 50; ++round) {
    changes += send(kWifi, round * 50, {.nominate = true, .priority = 300}).selected_changed;
    changes += send(kCell, round * 50 + 5, {.nominate = true, .priority = 200}).selected_changed;
    changes += send(kVpn, round * 50 + 9, {.nominate = true, .priority = 100}).selected_changed;
  }
  EXPECT_EQ(agent_.selected(), kWifi);
  EXPECT_LE(changes, 4);
  // The best one falls silent: after a while the next nomination counts.
  EXPECT_FALSE(send(kCell, 3000, {.nominate = true, .priority = 200}).selected_changed);
  EXPECT_TRUE(send(kCell, 6000, {.nominate = true, .priority = 200}).selected_changed);
}

TEST_F(IceLiteTest, ConsentExpiresThirtySecondsAfterTheLastRequestOnTheSelectedTuple) {
  EXPECT_FALSE(agent_.expired(at_ms(29'999)));
  EXPECT_TRUE(agent_.expired(at_ms(30'000))) << "never reached";
  send(kWifi, 40'000, {.nominate = true});
  EXPECT_FALSE(agent_.expired(at_ms(69'999)));
  send(kCell, 60'000);
  send(kWifi, 65'000, {.password = "wrong"});
  EXPECT_TRUE(agent_.expired(at_ms(70'000)));
  send(kWifi, 71'000);
  EXPECT_FALSE(agent_.expired(at_ms(100'000)));
}

TEST_F(IceLiteTest, AfterARestartBothCredentialsWorkUntilTheNewOnesAreUsed) {
  send(kWifi, 0, {.nominate = true});
  agent_.restart({"fresh", "another-password"});
  EXPECT_TRUE(agent_.knows("local"));
  EXPECT_TRUE(agent_.knows("fresh"));
  EXPECT_EQ(send(kWifi, 10).outcome, Outcome::kAccepted);

  const Check fresh{.ufrag = "fresh", .password = "another-password"};
  const IceAnswer answer = send(kCell, 20, fresh);
  EXPECT_TRUE(answer.restarted);
  EXPECT_FALSE(answer.connected);
  EXPECT_FALSE(answer.selected_changed);
  EXPECT_EQ(agent_.selected(), kWifi) << "media stays until something is nominated";
  EXPECT_FALSE(agent_.knows("local"));
  EXPECT_EQ(send(kWifi, 30).error, StunError::kUnauthenticated);
  EXPECT_FALSE(send(kCell, 40, fresh).restarted);
  Check nominated = fresh;
  nominated.nominate = true;
  EXPECT_TRUE(send(kCell, 50, nominated).selected_changed);
}

TEST_F(IceLiteTest, ASecondRestartKeepsWhatThePeerStillUses) {
  agent_.restart({"second", "password-two"});
  agent_.restart({"third", "password-three"});
  EXPECT_TRUE(agent_.knows("local"));
  EXPECT_FALSE(agent_.knows("second"));
  EXPECT_TRUE(agent_.knows("third"));
  EXPECT_FALSE(agent_.knows(""));
}

TEST_F(IceLiteTest, IgnoresARequestThatIsRepeatedFromElsewhere) {
  Check check;
  check.nominate = true;
  const Packet first = request(check);
  ASSERT_EQ(send_bytes(first, kWifi, 10).outcome, Outcome::kAccepted);
  // The sender itself repeats what was not answered.
  EXPECT_EQ(send_bytes(first, kWifi, 60).outcome, Outcome::kAccepted);
  const IceAnswer stolen = send_bytes(first, kCell, 70);
  EXPECT_EQ(stolen.outcome, Outcome::kReplayed);
  EXPECT_EQ(stolen.size, 0U);
  EXPECT_EQ(agent_.selected(), kWifi);
  // A peer that moved makes a request of its own.
  EXPECT_EQ(send(kCell, 80, check).outcome, Outcome::kAccepted);
  EXPECT_EQ(agent_.selected(), kCell);
  EXPECT_EQ(send_bytes(first, kVpn, 90).outcome, Outcome::kReplayed);
}

TEST_F(IceLiteTest, RemembersMinutesOfRequestsAndNoMore) {
  Check check;
  check.nominate = true;
  const Packet first = request(check);
  send_bytes(first, kWifi, 10);
  Packet packet(256);
  for (std::size_t i = 0; i < IceLite::kRememberedTransactions - 1; ++i) {
    StunWriter writer(packet, StunClass::kRequest,
                      {9, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
    writer.username("local", "peer").priority(1).controlling(5);
    ASSERT_EQ(agent_
                  .on_request(Bytes(packet).first(writer.finish("password-of-the-server")), kWifi,
                              at_ms(20), response_)
                  .outcome,
              Outcome::kAccepted);
    response_.assign(IceLite::kMaxResponse, 0);
  }
  EXPECT_EQ(send_bytes(first, kCell, 30).outcome, Outcome::kReplayed);
  send(kWifi, 40);
  EXPECT_EQ(send_bytes(first, kCell, 50).outcome, Outcome::kAccepted);
}

TEST_F(IceLiteTest, APeerThatHasMovedIsSentToAtOnceAndStaysThere) {
  EXPECT_FALSE(agent_.on_moved(kCell, at_ms(0))) << "nobody is there yet";
  send(kWifi, 0, {.nominate = true});
  EXPECT_TRUE(agent_.on_moved(kCell, at_ms(1000)));
  EXPECT_FALSE(agent_.on_moved(kCell, at_ms(1000)));
  EXPECT_EQ(agent_.selected(), kCell);
  // A check that was under way at the former address.
  EXPECT_FALSE(send(kWifi, 1100, {.nominate = true}).selected_changed);
  EXPECT_FALSE(send(kCell, 2500, {.nominate = true}).selected_changed);
  EXPECT_EQ(agent_.selected(), kCell);
  EXPECT_FALSE(agent_.expired(at_ms(32'000)));
}

}  // namespace
}  // namespace rooms
