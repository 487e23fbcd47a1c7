// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever one client sends, it gets a clear error, and another in the room notices nothing.
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    witness_.ask(join_text("bad", "Witness"), "joined");
    culprit_.ask(join_text("bad", "Culprit"), "joined");
    witness_.wait_for("participant-joined");
  }
  void TearDown() override {
    const Message sent =
        witness_.ask(R"({"type":"data","id":"still","to":"witness","data":1})", "sent");
    EXPECT_EQ(sent.at("id"), "still");
    EXPECT_EQ(http("GET", server_.http("/api/health")).status, 200u);
  }
  void expect_error(const std::string& text, const std::string& code) {
    culprit_.say(text);
    EXPECT_EQ(culprit_.wait_for_error(), code) << text.substr(0, 100);
  }

  ServerProcess server_;
  SocketClient witness_{server_.ws()};
  SocketClient culprit_{server_.ws()};
};

TEST_F(BadInput, ThatIsNotAMessageGetsAnErrorAndTheSocketGoesOn) {
  expect_error("hello", "bad-json");
  expect_error("[]", "bad-json");
  expect_error("{\"type\":\"join\"", "bad-json");
  expect_error(std::string(100'000, '['), "bad-json");
  expect_error(R"({"type":"dance"})", "unknown-type");
  expect_error(R"({"no":"type"})", "missing-field");
  expect_error(R"({"type":"mute","track":"x"})", "missing-field");
  expect_error(R"({"type":"mute","track":7,"muted":true})", "bad-field");
  culprit_.say_binary(std::string("\x01\x02\x03", 3));
  EXPECT_EQ(culprit_.wait_for_error(), "bad-json");
  culprit_.ask(R"({"type":"data","id":2,"data":"fine"})", "sent");
}

TEST_F(BadInput, ThatNamesWhatIsNotThereGetsAnError) {
  expect_error(R"({"type":"mute","track":"witness/camera","muted":true})", "track-unknown");
  expect_error(R"({"type":"data","to":"nobody","data":1})", "participant-unknown");
  expect_error(R"({"type":"answer","sdp":"v=0","version":1})", "no-connection");
  expect_error(R"({"type":"restart","connection":"subscribe"})", "no-connection");
  expect_error(R"({"type":"layers","slot":"v0","maxSpatial":0})", "no-connection");
  expect_error(R"({"type":"view","slots":[{"slot":"v0"}]})", "no-connection");
  expect_error(R"({"type":"join","room":"bad","name":"Again"})", "already-joined");
  expect_error(R"({"type":"resume","session":"x"})", "already-joined");
}

TEST_F(BadInput, InAnOfferGetsAnErrorThatSaysWhatIsWrong) {
  const auto publish = [](const std::string& sdp) {
    return R"({"type":"publish","id":7,"tracks":[],"sdp":)" + json_string(sdp) + "}";
  };
  expect_error(publish("hello"), "sdp-syntax");
  expect_error(publish(""), "sdp-syntax");
  expect_error(publish("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"), "sdp-no-media");
  std::string offer = sdp_file("chromium-audio-video.offer.sdp");
  std::string unprotected = offer;
  for (auto at = unprotected.find("a=fingerprint"); at != std::string::npos;
       at = unprotected.find("a=fingerprint")) {
    unprotected.erase(at, unprotected.find('\n', at) - at + 1);
  }
  expect_error(publish(unprotected), "sdp-no-transport");
}

TEST_F(BadInput, OfMoreThan256KibEndsOnlyThatSocket) {
  culprit_.say(R"({"type":"data","data":")" + std::string(256 * 1024, 'x') + "\"}");
  EXPECT_EQ(culprit_.wait_for_close(), 1009);
  // Far more than that is not even read.
  SocketClient worse(server_.ws());
  worse.ask(join_text("bad", "Worse"), "joined");
  worse.say(R"({"type":"data","data":")" + std::string(8 * 1024 * 1024, 'x') + "\"}");
  worse.wait_for_close();
  EXPECT_TRUE(worse.closed());
}

TEST_F(BadInput, BeforeJoiningGetsNotJoined) {
  SocketClient stranger(server_.ws());
  for (const char* text :
       {R"({"type":"leave"})", R"({"type":"subscribe"})", R"({"type":"unpublish"})"}) {
    stranger.say(text);
    EXPECT_EQ(stranger.wait_for_error(), "not-joined") << text;
  }
  stranger.say(R"({"type":"resume","session":"0123456789abcdef"})");
  EXPECT_EQ(stranger.wait_for_error(), "session-unknown");
  stranger.say(R"({"type":"join","room":"no such/room","name":"x"})");
  EXPECT_EQ(stranger.wait_for_error(), "bad-field");
  // None of it spoilt the socket.
  stranger.ask(join_text("bad", "Stranger"), "joined");
}

TEST_F(BadInput, ByHttpGetsTheStatusThatFits) {
  const Headers sdp{{"Content-Type", "application/sdp"}};
  struct Row {
    const char* method;
    const char* path;
    Headers headers;
    std::string body;
    unsigned status;
    const char* code;
  };
  const std::vector<Row> rows{
      {"POST", "/whip/bad", sdp, "hello", 400, "sdp-syntax"},
      {"POST", "/whip/bad", sdp, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", 400,
       "sdp-no-media"},
      {"POST", "/whip/a%20b", sdp, sdp_file("chromium-audio-video.offer.sdp"), 400, "bad-field"},
      {"POST", "/whip/bad/a%20b", sdp, sdp_file("chromium-audio-video.offer.sdp"), 400,
       "bad-field"},
      {"POST", "/whip", sdp, sdp_file("chromium-audio-video.offer.sdp"), 404, "not-found"},
      {"POST", "/whip/a/b/c", sdp, sdp_file("chromium-audio-video.offer.sdp"), 404, "not-found"},
      {"POST", "/whep/bad", sdp, "v=1", 400, "sdp-syntax"},
      {"POST", "/whip/bad", {{"Content-Type", "text/plain"}}, "v=0", 415, "content-type"},
      {"POST", "/whip/bad", {}, "", 415, "content-type"},
      {"POST",
       "/whip/bad",
       {{"Content-Type", "application/sdp"}, {"Accept", "text/html"}},
       "v=0",
       406,
       "accept"},
      {"GET", "/whip/bad", {}, "", 405, "method-not-allowed"},
      {"PUT", "/whep/bad", sdp, "v=0", 405, "method-not-allowed"},
      {"POST", "/whip/bad", sdp, std::string(300 * 1024, 'v'), 413, "too-large"},
      {"DELETE", "/resource/0123", {}, "", 404, "resource-unknown"},
      {"PATCH",
       "/resource/0123",
       {{"Content-Type", "application/trickle-ice-sdpfrag"}},
       "a=x",
       404,
       "resource-unknown"},
      {"GET", "/api/rooms/none", {}, "", 404, "room-unknown"},
      {"GET", "/api/nothing", {}, "", 404, "not-found"},
      {"POST", "/api/rooms", {}, "", 405, "method-not-allowed"},
      {"POST", "/", {}, "", 405, "method-not-allowed"},
  };
  for (const Row& row : rows) {
    const HttpReply reply = http(row.method, server_.http(row.path), row.headers, row.body);
    EXPECT_EQ(reply.status, row.status) << row.method << " " << row.path;
    EXPECT_EQ(reply.header("content-type"), "application/problem+json")
        << row.method << " " << row.path;
    EXPECT_EQ(reply.field("code"), row.code) << row.method << " " << row.path;
    EXPECT_NE(reply.field("detail"), "") << row.method << " " << row.path;
    if (row.status == 405) {
      EXPECT_NE(reply.header("allow"), "") << row.path;
    }
  }
}

}  // namespace
}  // namespace rooms
