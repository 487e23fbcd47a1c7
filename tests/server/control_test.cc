// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms controlled from outside and by members, and two members who talk past the server.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

const Headers kJson{{"Content-Type", "application/json"}};

std::string publish_text(const std::string& labels = "[]") {
  return R"({"type":"publish","id":2,"tracks":)" + labels + R"(,"sdp":)" +
         json_string(sdp_file("chromium-audio-video.offer.sdp")) + "}";
}

std::string join_direct(const std::string& name) {
  return R"({"type":"join","room":"demo","mesh":true,"name":)" + json_string(name) + "}";
}

class Control : public testing::Test {
 protected:
  HttpReply patch(const std::string& body) {
    return http("PATCH", server_.http("/api/rooms/demo"), kJson, body);
  }
  std::string in_room(const std::string& path) {
    return Message(http("GET", server_.http("/api/rooms/demo")).body).at(path);
  }
  /// The id of Bob's track of that kind, told to Ada.
  std::string publish(const std::string& kind) {
    std::string found;
    const auto published = bob_.ask(publish_text(), "published");
    for (const char* n : {"0", "1"}) {
      const auto track = std::string("tracks.") + n + ".track.";
      if (published.at(track + "kind") == kind) found = published.at(track + "id");
    }
    return found;
  }

  ServerProcess server_;
  SocketClient ada_{server_.ws()};
  SocketClient bob_{server_.ws()};
};

TEST_F(Control, ChangesNothingWhenOnePartIsWrong) {
  ada_.ask(join_text("demo", "Ada"), "joined");
  bob_.ask(join_text("demo", "Bob"), "joined");
  const auto track = publish("audio");
  EXPECT_EQ(patch("{").status, 400u);
  EXPECT_EQ(patch(R"({"topology":"ring"})").field("code"), "bad-field");
  EXPECT_EQ(http("PATCH", server_.http("/api/rooms/demo"), {}, "{}").status, 415u);
  EXPECT_EQ(http("PATCH", server_.http("/api/rooms/none"), kJson, "{}").status, 404u);
  for (const char* unknown : {"eve", "bob/screen"}) {
    const auto reply =
        patch(R"({"topology":"sfu","mute":{"bob":true,)" + json_string(unknown) + R"(:true}})");
    EXPECT_EQ(reply.status, 404u) << reply.body;
    EXPECT_NE(reply.field("detail").find(unknown), std::string::npos) << reply.body;
  }
  EXPECT_EQ(in_room("topology"), "auto");
  EXPECT_EQ(in_room("participants.1.tracks.0.muted"), "false");
  EXPECT_FALSE(bob_.has_heard("track-muted"));
  EXPECT_NE(track, "");
}

TEST_F(Control, TellsWhatHoldsOfTheMix) {
  ada_.ask(join_text("demo", "Ada"), "joined");
  EXPECT_EQ(in_room("control.layout"), "grid");
  EXPECT_EQ(in_room("control.captions"), "true");
  EXPECT_EQ(in_room("control.size.width"), "1280");
  EXPECT_EQ(patch(R"({"layout":"pip","captions":false,"size":{"width":640,"height":360},)"
                  R"("mix":{"ada":false},"volume":{"ada":0.5}})")
                .status,
            204u);
  EXPECT_EQ(in_room("control.layout"), "pip");
  EXPECT_EQ(in_room("control.captions"), "false");
  EXPECT_EQ(in_room("control.size.height"), "360");
  EXPECT_EQ(in_room("control.mix.ada"), "false");
  EXPECT_EQ(in_room("control.volume.ada"), "0.5");
  EXPECT_EQ(
      patch(R"({"layout":{"tiles":[{"speaker":true,"x":0,"y":0,"width":1,"height":1}]}})").status,
      204u);
  EXPECT_EQ(in_room("control.layout.tiles.0.speaker"), "true");
}

TEST_F(Control, MutesATrackUntilItsPublisherMayAndWantsToBeHeardAgain) {
  ada_.ask(join_text("demo", "Ada"), "joined");
  bob_.ask(join_text("demo", "Bob"), "joined");
  const auto track = json_string(publish("audio"));
  const auto say = [&](const char* muted) {
    bob_.say(R"({"type":"mute","track":)" + track + R"(,"muted":)" + muted + "}");
  };

  EXPECT_EQ(patch(R"({"mute":{)" + track + ":true}}").status, 204u);
  for (auto* client : {&ada_, &bob_}) {
    const auto muted = client->wait_for("track-muted");
    EXPECT_EQ(json_string(muted.at("track")), track);
    EXPECT_EQ(muted.at("muted"), "true");
    EXPECT_EQ(muted.at("moderated"), "true");
  }
  say("false");
  EXPECT_EQ(bob_.wait_for_error(), "muted-by-moderator");
  SocketClient late(server_.ws());
  const auto joined = late.ask(join_text("demo", "Late"), "joined");
  EXPECT_NE(joined.raw().find(R"("muted":true,"moderated":true)"), std::string::npos)
      << joined.raw();

  EXPECT_EQ(patch(R"({"mute":{)" + track + ":false}}").status, 204u);
  const auto allowed = bob_.wait_for("track-muted");
  EXPECT_EQ(allowed.at("muted"), "true") << "nobody's microphone is opened from afar";
  EXPECT_EQ(allowed.at("moderated"), "false");
  ada_.wait_for("track-muted");
  say("false");
  bob_.wait_for("muted");
  EXPECT_EQ(ada_.wait_for("track-muted").at("muted"), "false");
}

TEST_F(Control, MutesAllThatSomebodySendsAlsoWhatComesLater) {
  ada_.ask(join_text("demo", "Ada"), "joined");
  bob_.ask(join_text("demo", "Bob"), "joined");
  EXPECT_EQ(patch(R"({"mute":{"bob":true}})").status, 204u);
  const auto published = bob_.ask(publish_text(), "published");
  EXPECT_EQ(published.at("tracks.0.track.moderated"), "true");
  EXPECT_EQ(published.at("tracks.1.track.muted"), "true");
  EXPECT_EQ(ada_.wait_for("track-added").at("track.muted"), "true");
  // A publisher over HTTP cannot say that it is to be heard again, and is without.
  const auto whip =
      http("POST", server_.http("/whip/demo/cam"), {{"Content-Type", "application/sdp"}},
           sdp_file("chromium-audio-video.offer.sdp"));
  EXPECT_EQ(whip.status, 201u);
  EXPECT_EQ(patch(R"({"mute":{"cam":true}})").status, 204u);
  EXPECT_EQ(in_room("participants.2.tracks.0.muted"), "true");
  EXPECT_EQ(patch(R"({"mute":{"cam":false}})").status, 204u);
  EXPECT_EQ(in_room("participants.2.tracks.0.muted"), "false");
}

TEST_F(Control, BelongsToTheApiUnlessMembersMayToo) {
  ada_.ask(join_text("demo", "Ada"), "joined");
  ada_.say(R"({"type":"control","topology":"sfu"})");
  EXPECT_EQ(ada_.wait_for_error(), "not-allowed");
  EXPECT_EQ(in_room("topology"), "auto");

  const ServerProcess open({"--room-control", "members", "--topology", "mcu"});
  SocketClient eve(open.ws());
  eve.ask(join_text("demo", "Eve"), "joined");
  EXPECT_EQ(eve.wait_for("topology").at("topology"), "mcu");
  EXPECT_EQ(eve.ask(R"({"type":"control","id":7,"topology":"sfu"})", "controlled").at("id"), "7");
  eve.say(R"({"type":"control","id":8,"mute":{"nobody":true}})");
  EXPECT_EQ(eve.wait_for_error(), "participant-unknown");
}

TEST_F(Control, LetsTwoTalkPastTheServerUntilAThirdComes) {
  ada_.ask(join_direct("Ada"), "joined");
  EXPECT_EQ(ada_.wait_for("topology").at("direct"), "null");
  bob_.ask(join_direct("Bob"), "joined");
  const auto told = bob_.wait_for("topology");
  EXPECT_EQ(told.at("direct"), "null") << "two who come may be three who come";
  EXPECT_EQ(patch(R"({"topology":"mesh"})").status, 204u);
  EXPECT_EQ(ada_.wait_for("topology").at("direct.peer"), "bob");
  EXPECT_EQ(bob_.wait_for("topology").at("direct.peer"), "ada");

  ada_.say(R"({"type":"direct","session":1,"offer":"v=0","tracks":[]})");
  const auto offer = bob_.wait_for("direct");
  EXPECT_EQ(offer.at("from"), "ada");
  EXPECT_EQ(offer.at("offer"), "v=0");
  bob_.say(R"({"type":"direct","session":9,"answer":"of another session"})");
  bob_.say(R"({"type":"direct","session":1,"answer":"v=1"})");
  EXPECT_EQ(ada_.wait_for("direct").at("answer"), "v=1");
  EXPECT_EQ(in_room("direct-dropped"), "1");

  ada_.say(R"({"type":"direct","session":1,"state":"receiving"})");
  bob_.say(R"({"type":"direct","session":1,"state":"receiving"})");
  EXPECT_EQ(ada_.wait_for("topology").at("direct.established"), "true");
  EXPECT_EQ(in_room("direct.established"), "true");

  SocketClient cleo(server_.ws());
  cleo.ask(join_direct("Cleo"), "joined");
  EXPECT_EQ(ada_.wait_for("topology").at("direct"), "null");
  ada_.say(R"({"type":"direct","session":1,"state":"left"})");
  EXPECT_EQ(bob_.wait_for("topology").at("direct.established"), "true");
  EXPECT_EQ(bob_.wait_for("direct").at("state"), "left");
  cleo.say(R"({"type":"direct","session":1,"state":"failed"})");
  cleo.ask(R"({"type":"leave"})", "left");
  EXPECT_EQ(ada_.wait_for("topology").at("direct.session"), "2") << "and again, when they are two";
}

TEST_F(Control, DoesNotGoOnPastTheServerWithSomebodyMuted) {
  ada_.ask(join_direct("Ada"), "joined");
  bob_.ask(join_direct("Bob"), "joined");
  publish("audio");
  EXPECT_EQ(patch(R"({"topology":"mesh"})").status, 204u);
  while (ada_.wait_for("topology").at("direct") == "null") {
  }
  EXPECT_EQ(patch(R"({"mute":{"bob":true}})").status, 204u);
  EXPECT_EQ(ada_.wait_for("topology").at("direct"), "null");
  EXPECT_EQ(patch(R"({"mute":{"bob":false}})").status, 204u);
  EXPECT_EQ(ada_.wait_for("topology").at("direct.session"), "2");
}

TEST_F(Control, SendsWhoDoesNotKnowTheDirectWayThroughTheServer) {
  ada_.ask(join_direct("Ada"), "joined");
  bob_.ask(join_text("demo", "Bob"), "joined");
  EXPECT_EQ(patch(R"({"topology":"mesh"})").status, 204u);
  EXPECT_EQ(bob_.wait_for("topology").at("topology"), "auto");
  const auto told = bob_.wait_for("topology");
  EXPECT_EQ(told.at("topology"), "mesh");
  EXPECT_EQ(told.at("direct"), "null");
}

TEST_F(Control, TellsWhoComesBackWhatWasMissed) {
  const auto session = ada_.ask(join_direct("Ada"), "joined").at("session");
  bob_.ask(join_text("demo", "Bob"), "joined");
  ada_.ask(publish_text(), "published");
  ada_.close();
  EXPECT_EQ(patch(R"({"topology":"sfu","mute":{"ada":true}})").status, 204u);
  SocketClient again(server_.ws());
  again.ask(R"({"type":"resume","session":)" + json_string(session) + "}", "joined");
  EXPECT_EQ(again.wait_for("topology").at("topology"), "sfu");
  EXPECT_EQ(again.wait_for("track-muted").at("moderated"), "true");
}

}  // namespace
}  // namespace rooms
