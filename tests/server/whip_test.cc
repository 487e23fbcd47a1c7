// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP as RFC 9725 says, with the offers of real clients.
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

const Headers kSdp{{"Content-Type", "application/sdp"}};

Headers fragment_headers(const std::string& if_match) {
  Headers headers{{"Content-Type", "application/trickle-ice-sdpfrag"}};
  if (!if_match.empty()) headers.emplace_back("If-Match", if_match);
  return headers;
}

/// The line of an SDP that starts so, without its end.
std::string line_of(const std::string& sdp, const std::string& start) {
  const auto at = sdp.find(start);
  return at == std::string::npos ? "" : sdp.substr(at, sdp.find_first_of("\r\n", at) - at);
}

class Whip : public testing::Test {
 protected:
  HttpReply publish(const std::string& path, const char* file = "chromium-audio-video.offer.sdp") {
    return http("POST", server_.http(path), kSdp, sdp_file(file));
  }
  ServerProcess server_{
      {"--turn", "turn:t.example.org:3478?transport=udp", "--turn-secret", "north"}};
};

TEST_F(Whip, CreatesAResourceWithEverythingThatBelongsToOne) {
  const HttpReply created = publish("/whip/demo/camera-1");
  EXPECT_EQ(created.status, 201u);
  EXPECT_EQ(created.header("content-type"), "application/sdp");
  EXPECT_EQ(created.body.substr(0, 3), "v=0");
  EXPECT_EQ(created.header("location").substr(0, 10), "/resource/");
  EXPECT_EQ(created.header("etag").front(), '"');
  EXPECT_EQ(created.header("accept-patch"), "application/trickle-ice-sdpfrag");
  EXPECT_EQ(created.header("access-control-allow-origin"), "*");
  EXPECT_NE(created.header("access-control-expose-headers").find("Location"), std::string::npos);
  const std::string link = created.header("link");
  EXPECT_NE(link.find("<turn:t.example.org:3478?transport=udp>; rel=\"ice-server\"; username=\""),
            std::string::npos);
  EXPECT_NE(link.find("credential-type=\"password\""), std::string::npos);
}

TEST_F(Whip, IsAParticipantThatPeopleInTheRoomSee) {
  SocketClient ada(server_.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  const HttpReply created = publish("/whip/demo/camera-1");
  EXPECT_EQ(ada.wait_for("participant-joined").at("participant.id"), "camera-1");
  EXPECT_EQ(ada.wait_for("track-added").at("track.participant"), "camera-1");
  EXPECT_EQ(http("DELETE", server_.http(created.header("location"))).status, 200u);
  EXPECT_EQ(ada.wait_for("participant-left").at("participant"), "camera-1");
  EXPECT_EQ(http("DELETE", server_.http(created.header("location"))).status, 404u);
}

TEST_F(Whip, TakesTheOffersOfManyClients) {
  for (const char* file : {"chromium-simulcast-vp8.offer.sdp", "chromium-simulcast-h264.offer.sdp",
                           "aiortc-publish.offer.sdp", "chromium-av1.offer.sdp"}) {
    const HttpReply created = publish("/whip/demo", file);
    EXPECT_EQ(created.status, 201u) << file << created.body;
  }
}

TEST_F(Whip, PublishedAgainTakesThePlaceOfItself) {
  SocketClient ada(server_.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  const HttpReply first = publish("/whip/demo/camera-1");
  ada.wait_for("participant-joined");
  // A broken offer does not disturb who publishes.
  EXPECT_EQ(http("POST", server_.http("/whip/demo/camera-1"), kSdp, "nonsense").status, 400u);
  const HttpReply second = publish("/whip/demo/camera-1");
  EXPECT_EQ(second.status, 201u);
  EXPECT_NE(first.header("location"), second.header("location"));
  EXPECT_EQ(http("DELETE", server_.http(first.header("location"))).status, 404u);
  ada.idle(0.3);
  SocketClient bob(server_.ws());
  const Message joined = bob.ask(join_text("demo", "Bob"), "joined");
  EXPECT_NE(joined.raw().find("camera-1/"), std::string::npos) << joined.raw();
  EXPECT_EQ(http("DELETE", server_.http(second.header("location"))).status, 200u);
}

TEST_F(Whip, RefusesTheNameOfSomebodyInTheRoom) {
  SocketClient ada(server_.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  const HttpReply refused = publish("/whip/demo/ada");
  EXPECT_EQ(refused.status, 409u);
  EXPECT_EQ(refused.field("code"), "name-taken");
  ada.ask(R"({"type":"data","id":8,"data":"untouched"})", "sent");
}

TEST_F(Whip, TricklesOnlyIntoTheIceSessionThatTheClientKnows) {
  const std::string offer = sdp_file("chromium-audio-video.offer.sdp");
  const HttpReply created = publish("/whip/demo/camera-1");
  const std::string resource = server_.http(created.header("location"));
  const std::string fragment =
      line_of(offer, "a=ice-ufrag:") + "\r\n" + line_of(offer, "a=ice-pwd:") + "\r\n" +
      line_of(offer, "m=audio") +
      "\r\na=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host\r\n"
      "a=end-of-candidates\r\n";
  EXPECT_EQ(http("PATCH", resource, fragment_headers(created.header("etag")), fragment).status,
            204u);
  EXPECT_EQ(http("PATCH", resource, fragment_headers("\"other\""), fragment).status, 412u);
  const HttpReply unsaid = http("PATCH", resource, fragment_headers(""), fragment);
  EXPECT_EQ(unsaid.status, 428u);
  EXPECT_NE(unsaid.body.find("Precondition Required"), std::string::npos) << unsaid.body;
  EXPECT_EQ(http("PATCH", resource, {{"Content-Type", "application/sdp"}, {"If-Match", "*"}}, offer)
                .status,
            415u);
  EXPECT_EQ(http("PATCH", resource, fragment_headers("*"), "nonsense").status, 400u);
}

TEST_F(Whip, RestartsIceWithNewCredentialsAndANewEntityTag) {
  const std::string offer = sdp_file("chromium-audio-video.offer.sdp");
  const HttpReply created = publish("/whip/demo/camera-1");
  const std::string resource = server_.http(created.header("location"));
  const std::string fragment = "a=ice-ufrag:NeWu\r\na=ice-pwd:0123456789abcdefghijklmn\r\n" +
                               line_of(offer, "m=audio") + "\r\na=mid:0\r\n";
  const HttpReply restarted = http("PATCH", resource, fragment_headers("*"), fragment);
  EXPECT_EQ(restarted.status, 200u) << restarted.body;
  EXPECT_EQ(restarted.header("content-type"), "application/trickle-ice-sdpfrag");
  EXPECT_NE(restarted.body.find("a=ice-ufrag:"), std::string::npos);
  EXPECT_NE(line_of(restarted.body, "a=ice-ufrag:"), line_of(created.body, "a=ice-ufrag:"));
  EXPECT_NE(restarted.header("etag"), created.header("etag"));
  EXPECT_NE(restarted.header("etag"), "");
  // What belongs to the old ICE session comes too late.
  EXPECT_EQ(http("PATCH", resource, fragment_headers(created.header("etag")), fragment).status,
            412u);
}

TEST_F(Whip, AnswersPreflightsOfBrowsers) {
  const HttpReply endpoint =
      http("OPTIONS", server_.http("/whip/demo"),
           {{"Origin", "https://example.org"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(endpoint.status, 204u);
  EXPECT_EQ(endpoint.header("accept-post"), "application/sdp");
  EXPECT_EQ(endpoint.header("access-control-allow-origin"), "*");
  EXPECT_NE(endpoint.header("access-control-allow-methods").find("POST"), std::string::npos);
  EXPECT_NE(endpoint.header("access-control-allow-headers").find("Authorization"),
            std::string::npos);
  EXPECT_NE(endpoint.header("link"), "");
  const HttpReply resource = http("OPTIONS", server_.http("/resource/any"));
  EXPECT_EQ(resource.status, 204u);
  EXPECT_NE(resource.header("access-control-allow-methods").find("PATCH"), std::string::npos);
  EXPECT_NE(resource.header("access-control-allow-headers").find("If-Match"), std::string::npos);
}

TEST_F(Whip, EndsWithItsRoom) {
  const HttpReply created = publish("/whip/demo/camera-1");
  EXPECT_EQ(http("DELETE", server_.http("/api/rooms/demo")).status, 204u);
  EXPECT_EQ(http("DELETE", server_.http(created.header("location"))).status, 404u);
  EXPECT_EQ(publish("/whip/demo/camera-1").status, 201u);
}

TEST_F(Whip, AllowsNothingElseOnAResource) {
  const std::string resource = server_.http(publish("/whip/demo").header("location"));
  for (const char* method : {"GET", "PUT", "POST"}) {
    const HttpReply reply = http(method, resource);
    EXPECT_EQ(reply.status, 405u) << method;
    EXPECT_EQ(reply.header("allow"), "OPTIONS, PATCH, DELETE");
  }
}

}  // namespace
}  // namespace rooms
