// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

TEST(Api, TellsThatItIsWellAndWhichRoomsThereAre) {
  const ServerProcess server;
  const HttpReply health = http("GET", server.http("/api/health"));
  EXPECT_EQ(health.status, 200u);
  EXPECT_EQ(health.header("content-type"), "application/json");
  EXPECT_EQ(health.field("status"), "ok");
  EXPECT_EQ(health.field("version"), GST_ROOMS_VERSION);

  EXPECT_EQ(Message(http("GET", server.http("/api/rooms")).body).at("rooms"), "[]");
  SocketClient ada(server.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  const Message rooms(http("GET", server.http("/api/rooms")).body);
  EXPECT_EQ(rooms.at("rooms.0.id"), "demo");
  EXPECT_EQ(rooms.at("rooms.0.participants"), "1");
  const HttpReply stats = http("GET", server.http("/api/rooms/demo"));
  EXPECT_EQ(stats.status, 200u);
  EXPECT_TRUE(static_cast<bool>(Message(stats.body))) << stats.body;
  // No page of another site may read or close rooms.
  EXPECT_EQ(stats.header("access-control-allow-origin"), "");
}

TEST(Api, TellsMembersWhatBecomesOfASource) {
  const ServerProcess server;
  SocketClient ada(server.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  // Nobody listens there.
  const auto started =
      http("POST", server.http("/api/rooms/demo/sources"), {{"Content-Type", "application/json"}},
           R"({"uri":"rtsp://joe:s3cret@127.0.0.1:9/door","name":"Door"})");
  EXPECT_EQ(started.status, 201u) << started.body;
  EXPECT_EQ(started.header("location"), "/api/rooms/demo/sources/1");
  EXPECT_EQ(ada.wait_for("participant-joined").at("participant.id"), "door");
  const auto told = ada.wait_for("source");
  EXPECT_EQ(told.at("source"), "1");
  EXPECT_EQ(told.at("participant"), "door");
  EXPECT_EQ(told.at("state"), "connecting");
  EXPECT_NE(told.at("reason").find("cannot be reached"), std::string::npos) << told.raw();
  EXPECT_EQ(told.raw().find("s3cret"), std::string::npos) << told.raw();
  SocketClient bob(server.ws());
  bob.ask(join_text("demo", "Bob"), "joined");
  EXPECT_EQ(bob.wait_for("source").at("state"), "connecting");
  EXPECT_EQ(http("DELETE", server.http("/api/rooms/demo/sources/1")).status, 200u);
  EXPECT_EQ(bob.wait_for("participant-left").at("participant"), "door");
}

TEST(Api, CountsForPrometheus) {
  const ServerProcess server;
  SocketClient ada(server.ws());
  ada.ask(join_text("demo", "Ada"), "joined");
  const HttpReply metrics = http("GET", server.http("/metrics"));
  EXPECT_EQ(metrics.status, 200u);
  EXPECT_EQ(metrics.header("content-type").substr(0, 10), "text/plain");
  for (const char* line :
       {"gst_rooms_rooms 1\n", "gst_rooms_participants 1\n", "gst_rooms_sessions 1\n",
        "gst_rooms_websockets 1\n", "# TYPE gst_rooms_rooms gauge\n"}) {
    EXPECT_NE(metrics.body.find(line), std::string::npos) << line;
  }
  EXPECT_NE(metrics.body.find("\ngst_rooms_media_"), std::string::npos) << metrics.body;
}

}  // namespace
}  // namespace rooms
