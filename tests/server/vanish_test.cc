// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that are there no more, without a word or with half of one.
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

TEST(Vanish, WhoAnswersNoPingIsGoneWithinTwentySecondsAndNobodyElse) {
  const ServerProcess server;
  SocketClient witness(server.ws());
  witness.ask(join_text("demo", "Witness"), "joined");
  SocketClient silent(server.ws());
  const std::string session = silent.ask(join_text("demo", "Silent"), "joined").at("session");
  const auto vanished = g_get_monotonic_time();
  // The connection stays open, but nobody reads it any more.
  const Message left = witness.wait_for("participant-left", 21);
  const double seconds = static_cast<double>(g_get_monotonic_time() - vanished) / G_USEC_PER_SEC;
  EXPECT_EQ(left.at("participant"), "silent");
  EXPECT_LE(seconds, 20.0);
  EXPECT_GE(seconds, 15.0);
  RecordProperty("seconds", std::to_string(seconds));
  SocketClient late(server.ws());
  late.say(R"({"type":"resume","session":")" + session + "\"}");
  EXPECT_EQ(late.wait_for_error(), "session-unknown");
}

TEST(Vanish, WhoLostTheSocketUnnoticedTakesItsSessionBackOnAnotherOne) {
  const ServerProcess server;
  SocketClient silent(server.ws());
  const std::string session = silent.ask(join_text("demo", "Silent"), "joined").at("session");
  SocketClient back(server.ws());
  const std::string resume = R"({"type":"resume","session":")" + session + "\"}";
  back.say(resume);
  EXPECT_EQ(back.wait_for_error(), "session-in-use");
  // Five seconds of silence, and the old socket counts for nothing.
  back.idle(6.5);
  EXPECT_EQ(back.ask(resume, "joined").at("resumed"), "true");
}

TEST(Vanish, WhoComesBackFromAnotherAddressTakesItsSessionAtOnce) {
  const ServerProcess server;
  SocketClient silent(server.ws());
  const std::string session = silent.ask(join_text("demo", "Silent"), "joined").at("session");
  SocketClient back(server.ws(), "127.0.0.2");
  const std::string resume = R"({"type":"resume","session":")" + session + "\"}";
  EXPECT_EQ(back.ask(resume, "joined").at("resumed"), "true");
  EXPECT_EQ(silent.wait_for_close(), 4001);
}

TEST(Vanish, ARoomIsClosedSomeSecondsAfterTheLastHasLeft) {
  const ServerProcess server;
  SocketClient ada(server.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  ada.ask(R"({"type":"leave"})", "left");
  EXPECT_EQ(http("GET", server.http("/api/rooms/demo")).status, 200u);
  const auto deadline = g_get_monotonic_time() + 8 * G_USEC_PER_SEC;
  unsigned status = 200;
  while (status == 200 && g_get_monotonic_time() < deadline) {
    g_usleep(200'000);
    status = http("GET", server.http("/api/rooms/demo")).status;
  }
  EXPECT_EQ(status, 404u);
}

TEST(Vanish, WhoDisconnectsBeforeTheAnswerLeavesNothingBehind) {
  const ServerProcess server;
  for (int round = 0; round < 20; ++round) {
    SocketClient hasty(server.ws());
    hasty.say(join_text("demo", "Hasty"));
    if (round % 2) hasty.idle(0.002);
  }
  SocketClient witness(server.ws());
  witness.ask(join_text("demo", "Witness"), "joined");
  witness.idle(17);
  EXPECT_EQ(Message(http("GET", server.http("/api/rooms")).body).at("rooms.0.participants"), "1");
}

}  // namespace
}  // namespace rooms
