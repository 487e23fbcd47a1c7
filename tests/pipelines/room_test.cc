// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms as the server uses them: real DTLS, real RTP, peers that are Debian's webrtcbin.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Every fingerprint another one, as somebody in between would have it.
std::string with_other_fingerprint(std::string sdp) {
  const std::string key = "a=fingerprint:sha-256 ";
  for (auto at = sdp.find(key); at != std::string::npos; at = sdp.find(key, at + 1)) {
    char& digit = sdp[at + key.size()];
    digit = digit == '0' ? '1' : '0';
  }
  return sdp;
}

TEST_F(RoomTest, CarriesPictureAndSoundFromAPublisherToAPlayer) {
  const auto ada = enter("ada");
  const auto camera = send("ada", "red");
  EXPECT_TRUE(camera->connects());
  const auto player = watch("player", 1);
  EXPECT_TRUE(player->sees(1, Colour::kRed));
  EXPECT_TRUE(player->hears());
  const auto connected = ada->hears<event::ConnectionChanged>();
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->state, ConnectionState::kConnected);
  EXPECT_EQ(connected->role, ConnectionRole::kPublish);
}

TEST_F(RoomTest, TellsOthersWhatIsPublishedAndUnderWhichLabel) {
  const auto bob = enter("bob");
  enter("ada");
  const auto camera = WebrtcClient::publisher("red");
  const auto reply =
      publish("ada", camera->offer(), {{"video0", {"screen", true}}, {"audio1", {"voice", false}}});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply->tracks.size(), 2u);
  const auto screen = bob->hears<event::TrackAdded>(
      [](const auto& added) { return added.track.kind == MediaKind::kVideo; });
  ASSERT_TRUE(screen);
  EXPECT_EQ(screen->track.id, "ada/screen");
  EXPECT_EQ(screen->track.label, "screen");
  EXPECT_EQ(screen->track.codec, "VP8");
  EXPECT_TRUE(screen->track.muted);
  const auto voice = bob->hears<event::TrackAdded>(
      [](const auto& added) { return added.track.kind == MediaKind::kAudio; });
  ASSERT_TRUE(voice);
  EXPECT_EQ(voice->track.id, "ada/voice");
  EXPECT_FALSE(voice->track.muted);
}

TEST_F(RoomTest, RefusesTheMediaOfAPeerWhoseCertificateIsNotThatOfItsSdp) {
  const auto ada = enter("ada");
  const auto player = watch("player", 1);
  const auto camera = WebrtcClient::publisher("red");
  const auto reply = publish("ada", with_other_fingerprint(camera->offer()));
  ASSERT_TRUE(reply) << reply.error().message;
  camera->accept(reply->sdp);
  const auto failed = ada->hears<event::ConnectionChanged>(
      [](const auto& changed) { return changed.state == ConnectionState::kFailed; });
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->reason.find("certificate"), std::string::npos) << failed->reason;
  EXPECT_EQ(player->frames(), 0u);
  EXPECT_EQ(stats().find("\"encodings\":[{"), std::string::npos) << "media of a failed connection";
}

TEST_F(RoomTest, PlaysNothingToAPlayerWhoseCertificateIsNotThatOfItsSdp) {
  enter("ada");
  const auto camera = send("ada", "red");
  const auto listener = enter("player", true);
  const auto player = WebrtcClient::player(1, 1);
  const auto answer = play("player", with_other_fingerprint(player->offer()));
  ASSERT_TRUE(answer) << answer.error().message;
  player->accept(*answer);
  const auto failed = listener->hears<event::ConnectionChanged>(
      [](const auto& changed) { return changed.state == ConnectionState::kFailed; });
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->role, ConnectionRole::kSubscribe);
  EXPECT_EQ(player->frames(), 0u);
}

TEST_F(RoomTest, KeepsAPlayerWaitingForItsPublisherAndThroughItsReturn) {
  const auto player = watch("player", 1, {"ada"});
  ASSERT_TRUE(player->connects());
  EXPECT_EQ(player->frames(), 0u);
  enter("ada");
  auto camera = send("ada", "red");
  EXPECT_TRUE(player->sees(1, Colour::kRed));
  room_->leave("ada", "test");
  camera.reset();
  enter("ada");
  camera = send("ada", "blue");
  EXPECT_TRUE(player->sees(1, Colour::kBlue));
  EXPECT_TRUE(player->hears());
}

TEST_F(RoomTest, ReplacesTheConnectionOfAPublisherWithANewCertificate) {
  enter("ada");
  const auto bob = enter("bob");
  const auto first = send("ada", "red");
  const auto player = watch("player", 1, {"ada"});
  EXPECT_TRUE(player->sees(1, Colour::kRed));
  first->stop();  // without a goodbye
  bob->forget();
  const auto second = send("ada", "blue");
  EXPECT_TRUE(player->sees(1, Colour::kBlue));
  EXPECT_TRUE(bob->hears<event::TrackRemoved>());
  EXPECT_TRUE(bob->hears<event::TrackAdded>());
}

TEST_F(RoomTest, GivesTheSlotOfWhoLeftToSomebodyElse) {
  enter("ada");
  enter("bob");
  const auto red = send("ada", "red");
  const auto blue = send("bob", "blue");
  const auto player = watch("player", 1);
  const bool red_first = player->sees(1, Colour::kRed, 1);
  ASSERT_TRUE(red_first) << "in order of arrival, while nobody speaks louder";
  room_->leave("ada", "test");
  EXPECT_TRUE(player->sees(1, Colour::kBlue));
}

TEST_F(RoomTest, ShowsParticipantsInTheOrderAskedFor) {
  enter("ada");
  enter("bob");
  const auto red = send("ada", "red");
  const auto blue = send("bob", "blue");
  const auto player = watch("player", 2, {"bob", "ada"});
  EXPECT_TRUE(player->sees(1, Colour::kBlue));
  EXPECT_TRUE(player->sees(2, Colour::kRed));
}

TEST_F(RoomTest, ShowsNothingOfAMutedTrackUntilItIsUnmuted) {
  enter("ada");
  const auto bob = enter("bob");
  const auto camera = send("ada", "green");
  const auto player = watch("player", 1, {"ada"});
  EXPECT_TRUE(player->sees(1, Colour::kGreen));
  const auto mute = [&](bool muted) {
    return answer_of<Done>(
        [&](auto reply) { room_->set_muted("ada", "ada/camera", muted, std::move(reply)); });
  };
  ASSERT_TRUE(mute(true));
  const auto told = bob->hears<event::TrackMuted>();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->muted);
  // What is under way arrives; then there is silence while the sound goes on.
  EXPECT_TRUE(player->hears(25));
  const unsigned frames = player->frames();
  EXPECT_TRUE(player->hears(25));
  EXPECT_EQ(player->frames(), frames);
  ASSERT_TRUE(mute(false));
  EXPECT_TRUE(player->sees(1, Colour::kGreen));
}

TEST_F(RoomTest, SaysWhoseTrackItIsToWhoMutesAnothers) {
  enter("ada");
  enter("bob");
  const auto camera = send("ada", "red");
  const auto mute = [&](const char* track) {
    const auto result = answer_of<Done>(
        [&](auto reply) { room_->set_muted("bob", track, true, std::move(reply)); });
    return result ? std::string("done") : result.error().code;
  };
  EXPECT_EQ(mute("ada/camera"), "not-your-track");
  EXPECT_EQ(mute("ada/nothing"), "track-unknown");
}

TEST_F(RoomTest, AnswersBadOffersWithACodeAndASentence) {
  enter("ada");
  const std::string good = WebrtcClient::publisher("red")->offer();
  struct Row {
    const char* title;
    std::string offer;
    std::string code;
  };
  const std::string no_media = good.substr(0, good.find("m="));
  const std::array rows = {
      Row{"empty", "", "sdp-syntax"},
      Row{"nonsense", "nonsense", "sdp-syntax"},
      Row{"no media", no_media, "sdp-no-media"},
      Row{"no ICE", replaced(good, "a=ice-ufrag:", "a=nothing:"), "sdp-no-transport"},
      Row{"no fingerprint", replaced(good, "a=fingerprint:", "a=nothing:"), "sdp-no-transport"},
      Row{"codecs nobody knows", replaced(replaced(good, "VP8/", "QQ8/"), "OPUS/", "QQS/"),
          "sdp-no-media"},
  };
  for (const auto& row : rows) {
    const auto reply = publish("ada", row.offer);
    ASSERT_FALSE(reply) << row.title;
    EXPECT_EQ(reply.error().code, row.code) << row.title << ": " << reply.error().message;
    EXPECT_GT(reply.error().message.size(), 10u) << row.title;
  }
  // None of them cost Ada anything.
  const auto camera = send("ada", "red");
  EXPECT_TRUE(camera->connects());
  ASSERT_FALSE(publish("ada", "nonsense"));
  const auto player = watch("player", 1, {"ada"});
  EXPECT_TRUE(player->sees(1, Colour::kRed));
}

}  // namespace
}  // namespace rooms::test
