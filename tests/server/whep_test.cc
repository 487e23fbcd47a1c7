// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

class Whep : public testing::Test {
 protected:
  HttpReply play(const std::string& path,
                 const char* file = "chromium-whep-two-video-data.offer.sdp") {
    return http("POST", server_.http(path), {{"Content-Type", "application/sdp"}}, sdp_file(file));
  }
  ServerProcess server_;
};

TEST_F(Whep, PlaysFromARoomThatNobodyIsInYet) {
  const HttpReply created = play("/whep/demo/nobody-yet");
  EXPECT_EQ(created.status, 201u) << created.body;
  EXPECT_EQ(created.header("content-type"), "application/sdp");
  EXPECT_NE(created.body.find("a=sendonly"), std::string::npos);
  EXPECT_NE(created.header("etag"), "");
  const std::string resource = server_.http(created.header("location"));
  // It stays, whoever comes and goes.
  {
    SocketClient ada(server_.ws());
    ada.ask(join_text("demo", "Ada"), "joined");
    ada.ask(R"({"type":"leave"})", "left");
  }
  EXPECT_EQ(http("DELETE", resource).status, 200u);
  EXPECT_EQ(http("DELETE", resource).status, 404u);
}

TEST_F(Whep, IsNotSeenByTheOthers) {
  SocketClient ada(server_.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  EXPECT_EQ(play("/whep/demo").status, 201u);
  ada.idle(0.3);
  EXPECT_FALSE(ada.has_heard("participant-joined"));
  SocketClient bob(server_.ws());
  const Message joined = bob.ask(join_text("demo", "Bob"), "joined");
  EXPECT_EQ(joined.at("others.0.id"), "ada");
  EXPECT_EQ(joined.at("others.1.id"), "");
}

TEST_F(Whep, PlaysTheMixAtAnAddressThatNobodyElseGets) {
  EXPECT_EQ(play("/whep/demo/mix").status, 201u);
  const HttpReply stats = http("GET", server_.http("/api/rooms/demo"));
  EXPECT_NE(stats.body.find(R"("mode":"mix")"), std::string::npos) << stats.body;
  EXPECT_NE(stats.body.find(R"("track":"mix/video-vp8")"), std::string::npos) << stats.body;
  EXPECT_EQ(play("/whep/demo/mix?height=360").status, 201u);
  const HttpReply smaller = http("GET", server_.http("/api/rooms/demo"));
  EXPECT_NE(smaller.body.find(R"("track":"mix/video-vp8-360")"), std::string::npos) << smaller.body;
  for (const char* wrong : {"0", "350", "-360", "360p", "99999999999999999999"})
    EXPECT_EQ(play(std::string("/whep/demo/mix?height=") + wrong).status, 400u) << wrong;
  SocketClient someone(server_.ws());
  const Message joined = someone.ask(join_text("demo", "Mix"), "joined");
  EXPECT_EQ(joined.at("participant"), "mix-1");
  SocketClient stubborn(server_.ws());
  const Message refused =
      stubborn.ask(R"({"type":"join","room":"demo","name":"Ada","participant":"mix"})", "error");
  EXPECT_EQ(refused.at("code"), "name-reserved");
}

TEST_F(Whep, TakesAListOfWhomToShow) {
  EXPECT_EQ(play("/whep/demo?participants=ada,bob,,eve").status, 201u);
  std::string many = "a";
  for (int i = 0; i < 100; ++i) many += ",p" + std::to_string(i);
  const HttpReply refused = play("/whep/demo?participants=" + many);
  EXPECT_EQ(refused.status, 400u);
  EXPECT_EQ(refused.field("code"), "bad-field");
}

TEST_F(Whep, TakesTheOffersOfOtherClients) {
  EXPECT_EQ(play("/whep/demo", "aiortc-play.offer.sdp").status, 201u);
}

TEST_F(Whep, AnswersPreflightsAndRefusesOtherMethods) {
  EXPECT_EQ(http("OPTIONS", server_.http("/whep/demo")).status, 204u);
  const HttpReply reply = http("GET", server_.http("/whep/demo"));
  EXPECT_EQ(reply.status, 405u);
  EXPECT_EQ(reply.header("allow"), "OPTIONS, POST");
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
}

}  // namespace
}  // namespace rooms
