// SPDX-License-Identifier: LGPL-2.1-or-later
// docs/signalling.md, said and heard on real sockets.
#include <gtest/gtest.h>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

std::string publish_file(const std::string& file) {
  return R"({"type":"publish","id":2,"tracks":[],"sdp":)" + json_string(sdp_file(file)) + "}";
}

class Signalling : public testing::Test {
 protected:
  Message join(SocketClient& client, const std::string& name) {
    return client.ask(join_text("demo", name), "joined");
  }
  ServerProcess server_{{"--stun", "stun:stun.example.org:3478"}};
  SocketClient ada_{server_.ws()};
  SocketClient bob_{server_.ws()};
};

TEST_F(Signalling, TellsWhoIsHereWhoComesAndWhoGoes) {
  const Message first = join(ada_, "Ada");
  EXPECT_EQ(first.at("id"), "1");
  EXPECT_EQ(first.at("participant"), "ada");
  EXPECT_EQ(first.at("name"), "Ada");
  EXPECT_EQ(first.at("room"), "demo");
  EXPECT_EQ(first.at("others"), "[]");
  EXPECT_EQ(first.at("resumed"), "false");
  EXPECT_EQ(first.at("resumeTimeout"), "15");
  EXPECT_EQ(first.at("iceServers.0.urls.0"), "stun:stun.example.org:3478");
  EXPECT_EQ(first.at("session").size(), 32u);

  const Message second = join(bob_, "Bob");
  EXPECT_EQ(second.at("others.0.id"), "ada");
  EXPECT_NE(second.at("session"), first.at("session"));
  EXPECT_EQ(ada_.wait_for("participant-joined").at("participant.name"), "Bob");

  EXPECT_EQ(bob_.ask(R"({"type":"leave","id":"bye"})", "left").at("id"), "bye");
  EXPECT_EQ(bob_.wait_for_close(), 1000);
  const Message left = ada_.wait_for("participant-left");
  EXPECT_EQ(left.at("participant"), "bob");
  EXPECT_EQ(left.at("reason"), "left");
}

TEST_F(Signalling, GivesTwoPeopleOfOneNameTwoIdsAndRefusesAWishedIdThatIsTaken) {
  EXPECT_EQ(join(ada_, "Ada").at("participant"), "ada");
  EXPECT_NE(join(bob_, "Ada").at("participant"), "ada");
  SocketClient third(server_.ws());
  third.say(R"({"type":"join","room":"demo","name":"Eve","participant":"ada"})");
  EXPECT_EQ(third.wait_for_error(), "name-taken");
  EXPECT_EQ(
      third.ask(R"({"type":"join","room":"demo","name":"Eve","participant":"eve-1"})", "joined")
          .at("participant"),
      "eve-1");
}

TEST_F(Signalling, AnswersAnOfferAndTellsOthersOfTheTracks) {
  join(ada_, "Ada");
  join(bob_, "Bob");
  const Message published = ada_.ask(publish_file("chromium-audio-video.offer.sdp"), "published");
  EXPECT_EQ(published.at("id"), "2");
  EXPECT_EQ(published.at("sdp").substr(0, 4), "v=0\r");
  EXPECT_NE(published.at("tracks.0.track.id"), "");
  const Message added = bob_.wait_for("track-added");
  EXPECT_EQ(added.at("track.participant"), "ada");

  const std::string track = added.at("track.id");
  ada_.ask(R"({"type":"mute","id":3,"track":)" + json_string(track) + R"(,"muted":true})", "muted");
  EXPECT_EQ(bob_.wait_for("track-muted").at("track"), track);
  bob_.say(R"({"type":"mute","id":3,"track":)" + json_string(track) + R"(,"muted":false})");
  EXPECT_EQ(bob_.wait_for_error(), "not-your-track");

  SocketClient late(server_.ws());
  EXPECT_EQ(join(late, "Late").at("others.0.tracks.0.muted"), "true");

  EXPECT_EQ(ada_.ask(R"({"type":"unpublish","id":4})", "unpublished").at("id"), "4");
  EXPECT_EQ(bob_.wait_for("track-removed").at("participant"), "ada");
}

TEST_F(Signalling, OffersSlotsAndWantsTheVersionThatIsCurrent) {
  join(ada_, "Ada");
  const Message offer = ada_.ask(R"({"type":"subscribe","id":4,"audio":2,"video":3})", "offer");
  EXPECT_EQ(offer.at("id"), "4");
  EXPECT_EQ(offer.at("version"), "1");
  EXPECT_EQ(offer.at("sdp").substr(0, 4), "v=0\r");
  ada_.say(R"({"type":"layers","id":9,"slot":"v99"})");
  EXPECT_EQ(ada_.wait_for_error(), "slot-unknown");
  ada_.say(R"({"type":"layers","id":9,"slot":"a0","maxSpatial":0})");
  EXPECT_EQ(ada_.wait_for_error(), "slot-unknown") << "sound has no layers";
  ada_.ask(R"({"type":"layers","id":9,"slot":"v2","maxSpatial":0})", "limited");
  ada_.say(R"({"type":"view","slots":[{"slot":"v0","width":9,"height":9},{"slot":"v99"}]})");
  EXPECT_EQ(ada_.wait_for_error(), "slot-unknown");
  ada_.ask(R"({"type":"view","id":9,"slots":[{"slot":"v0","width":0,"height":0}]})", "viewed");
  ada_.say(R"({"type":"answer","id":5,"version":9,"sdp":"v=0"})");
  EXPECT_EQ(ada_.wait_for_error(), "sdp-version");
  ada_.say(R"({"type":"answer","id":5,"version":1,"sdp":"nonsense"})");
  EXPECT_EQ(ada_.wait_for_error(), "sdp-syntax");
  // Told once, however it came about.
  ada_.idle(0.3);
  EXPECT_FALSE(ada_.has_heard("offer"));
}

TEST_F(Signalling, SubscribesToTheLastFewWhoSpokeAndRefusesNonsense) {
  join(ada_, "Ada");
  for (const char* wrong : {"-1", "1001", "1.5", R"("all")", "true"}) {
    ada_.say(R"({"type":"subscribe","id":2,"lastN":)" + std::string(wrong) + "}");
    EXPECT_EQ(ada_.wait_for_error(), "bad-field") << wrong;
  }
  EXPECT_EQ(ada_.ask(R"({"type":"subscribe","id":3,"lastN":0})", "offer").at("version"), "1");
}

TEST_F(Signalling, CarriesDataToAllOrToOne) {
  join(ada_, "Ada");
  join(bob_, "Bob");
  SocketClient eve(server_.ws());
  join(eve, "Eve");
  ada_.ask(R"({"type":"data","id":8,"data":{"hand":"raised","n":[1,2.5,null]}})", "sent");
  for (SocketClient* other : {&bob_, &eve}) {
    const Message data = other->wait_for("data");
    EXPECT_EQ(data.at("from"), "ada");
    EXPECT_EQ(data.at("data.hand"), "raised");
    EXPECT_EQ(data.at("data.n.1"), "2.5");
  }
  ada_.ask(R"({"type":"data","id":9,"to":"bob","data":"psst"})", "sent");
  EXPECT_EQ(bob_.wait_for("data").at("data"), "psst");
  eve.idle(0.2);
  EXPECT_FALSE(eve.has_heard("data"));
}

TEST_F(Signalling, AnswersRequestsThatWereSaidBeforeJoinedCame) {
  ada_.say(join_text("demo", "Ada"));
  ada_.say(R"({"type":"subscribe","id":2})");
  ada_.say(R"({"type":"data","id":3,"data":1})");
  EXPECT_EQ(ada_.wait_for("joined").at("id"), "1");
  EXPECT_EQ(ada_.wait_for("offer").at("id"), "2");
  EXPECT_EQ(ada_.wait_for("sent").at("id"), "3");
}

TEST_F(Signalling, ResumesASessionWithTheStateOfTheRoomAndWhatWasMissed) {
  const std::string session = join(ada_, "Ada").at("session");
  const Message offer = ada_.ask(R"({"type":"subscribe","id":2})", "offer");
  join(bob_, "Bob");
  ada_.close();
  bob_.ask(R"({"type":"data","id":3,"to":"ada","data":"while away"})", "sent");
  SocketClient eve(server_.ws());
  join(eve, "Eve");

  SocketClient again(server_.ws());
  const Message joined =
      again.ask(R"({"type":"resume","id":7,"session":")" + session + "\"}", "joined");
  EXPECT_EQ(joined.at("id"), "7");
  EXPECT_EQ(joined.at("resumed"), "true");
  EXPECT_EQ(joined.at("session"), session);
  EXPECT_EQ(joined.at("participant"), "ada");
  EXPECT_EQ(joined.at("others.1.id"), "eve");
  again.wait_for("slots");
  // Nobody has answered it.
  EXPECT_EQ(again.wait_for("offer").at("version"), offer.at("version"));
  EXPECT_EQ(again.wait_for("data").at("data"), "while away");
  again.ask(R"({"type":"data","id":8,"data":"back"})", "sent");
  bob_.idle(0.2);
  EXPECT_FALSE(bob_.has_heard("participant-left"));
}

TEST_F(Signalling, RefusesASecondSocketForASessionThatIsInUse) {
  const std::string session = join(ada_, "Ada").at("session");
  bob_.say(R"({"type":"resume","id":1,"session":")" + session + "\"}");
  EXPECT_EQ(bob_.wait_for_error(), "session-in-use");
  ada_.ask(R"({"type":"data","id":8,"data":"untouched"})", "sent");
}

TEST_F(Signalling, ForgetsASessionThatLeft) {
  const std::string session = join(ada_, "Ada").at("session");
  ada_.ask(R"({"type":"leave"})", "left");
  bob_.say(R"({"type":"resume","session":")" + session + "\"}");
  EXPECT_EQ(bob_.wait_for_error(), "session-unknown");
}

TEST_F(Signalling, SaysThatTheRoomIsClosingWhenItIsDeleted) {
  join(ada_, "Ada");
  EXPECT_EQ(http("DELETE", server_.http("/api/rooms/demo")).status, 204u);
  EXPECT_EQ(ada_.wait_for_error(), "room-closing");
  EXPECT_EQ(ada_.wait_for_close(), 1001);
  join(bob_, "Bob");
}

}  // namespace
}  // namespace rooms
