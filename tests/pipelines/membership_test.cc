// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is in a room and what they are told; connections only as far as SDP goes.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

JoinRequest request_of(const std::string& name, const std::string& id = {}) {
  JoinRequest request;
  request.name = name;
  request.id = id;
  return request;
}

TEST_F(RoomTest, MakesIdsOfNamesThatSuitAnAddress) {
  EXPECT_EQ(join(request_of("Ada L."))->self.id, "ada-l");
  EXPECT_EQ(join(request_of("Ada L."))->self.id, "ada-l-2");
  EXPECT_EQ(join(request_of("  ../Bob/.. "))->self.id, "bob");
  const auto nameless = join(request_of("\u00c5\u00e4\u00f6"));
  ASSERT_TRUE(nameless);
  EXPECT_EQ(nameless->self.id, "guest");
  EXPECT_EQ(nameless->self.name, "\u00c5\u00e4\u00f6");
  EXPECT_EQ(nameless->others.size(), 3u);
}

TEST_F(RoomTest, RefusesAnIdInUseUnlessBothTakeOver) {
  auto wish = request_of("Studio", "studio");
  ASSERT_TRUE(join(wish));
  EXPECT_EQ(join(wish).error().code, "name-taken");
  wish.take_over = true;
  EXPECT_EQ(join(wish).error().code, "name-taken") << "the first did not agree to be taken over";
  room_->leave("studio", "test");
  const auto first = std::make_shared<Listener>();
  wish.listener = first;
  ASSERT_TRUE(join(wish));
  wish.listener = nullptr;
  ASSERT_TRUE(join(wish));
  const auto closed = first->hears<event::ConnectionChanged>();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->state, ConnectionState::kClosed);
}

TEST_F(RoomTest, TellsOfComingAndGoingButNotOfPlayers) {
  const auto ada = enter("ada");
  enter("bob");
  enter("player", true);
  room_->leave("player", "test");
  room_->leave("bob", "had enough");
  ASSERT_TRUE(ada->hears<event::ParticipantJoined>(
      [](const auto& joined) { return joined.participant.id == "bob"; }));
  const auto left = ada->hears<event::ParticipantLeft>();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->participant, "bob");
  EXPECT_EQ(left->reason, "had enough");
  EXPECT_EQ(ada->count<event::ParticipantJoined>(), 1u);
  EXPECT_EQ(ada->count<event::ParticipantLeft>(), 1u);
}

TEST_F(RoomTest, AnswersWhoIsNotThere) {
  const auto code = [](const auto& result) {
    return result ? std::string("done") : result.error().code;
  };
  EXPECT_EQ(code(publish("nobody", "v=0")), "participant-unknown");
  EXPECT_EQ(code(play("nobody", "v=0")), "participant-unknown");
  EXPECT_EQ(code(answer_of<Done>(
                [&](auto reply) { room_->send_data("nobody", "", "{}", std::move(reply)); })),
            "participant-unknown");
  enter("ada");
  EXPECT_EQ(code(answer_of<Done>(
                [&](auto reply) { room_->accept_subscribe("ada", "v=0", std::move(reply)); })),
            "no-connection");
  EXPECT_EQ(code(answer_of<std::string>(
                [&](auto reply) { room_->restart_subscribe("ada", std::move(reply)); })),
            "no-connection");
  EXPECT_EQ(code(answer_of<std::string>([&](auto reply) {
              room_->trickle("ada", ConnectionRole::kPublish, "a=mid:0", std::move(reply));
            })),
            "no-connection");
}

TEST_F(RoomTest, CarriesDataToAllOrToOne) {
  enter("ada");
  const auto bob = enter("bob");
  const auto cleo = enter("cleo");
  const auto send_data = [&](const std::string& to, const std::string& text) {
    return answer_of<Done>(
        [&](auto reply) { room_->send_data("ada", to, text, std::move(reply)); });
  };
  ASSERT_TRUE(send_data("bob", "1"));
  ASSERT_TRUE(send_data("", "2"));
  EXPECT_EQ(send_data("nobody", "3").error().code, "participant-unknown");
  const auto at_bob = bob->hears<event::Data>();
  ASSERT_TRUE(at_bob);
  EXPECT_EQ(at_bob->from, "ada");
  EXPECT_EQ(bob->count<event::Data>(), 2u);
  EXPECT_EQ(cleo->count<event::Data>(), 1u);
}

TEST_F(RoomTest, AgreesOnTheCodecsThatAllDecodeAndSaysSoWhenThereAreNone) {
  const auto enter_with = [&](const std::string& id, std::vector<std::string> video) {
    auto request = request_of(id, id);
    auto listener = std::make_shared<Listener>();
    request.listener = listener;
    request.audio_codecs = {"opus"};
    request.video_codecs = std::move(video);
    EXPECT_TRUE(join(std::move(request)));
    return listener;
  };
  const auto ada = enter_with("ada", {"VP8", "VP9", "H264", "AV1"});
  const auto bob = enter_with("bob", {"VP8", "H264"});
  const auto told = ada->hears<event::RoomCodecs>([](const auto& codecs) {
    return codecs.video == std::vector<std::string>{"VP8", "H264"};
  });
  ASSERT_TRUE(told);
  const auto camera = send("ada", "red");
  const auto cleo = enter_with("cleo", {});
  const auto player = WebrtcClient::player(1, 1, "H264");
  ASSERT_TRUE(play("cleo", player->offer()));
  // Ada's camera is VP8, which Cleo cannot decode.
  for (const auto& listener : {ada, cleo}) {
    const auto mismatch = listener->hears<event::CodecMismatch>();
    ASSERT_TRUE(mismatch);
    EXPECT_EQ(mismatch->participant, "cleo");
    EXPECT_EQ(mismatch->track.id, "ada/camera");
  }
  EXPECT_EQ(bob->count<event::CodecMismatch>(), 0u) << "it is none of Bob's business";
}

TEST_F(RoomTest, OffersSlotsAndMoreOfThemWhenItOutgrowsThem) {
  const auto viewer = enter("viewer");
  const auto offer = answer_of<std::string>([&](auto reply) {
    room_->subscribe("viewer", {2, 2, true}, std::move(reply));
  });
  ASSERT_TRUE(offer) << offer.error().message;
  const auto count = [](const std::string& sdp, const std::string& what) {
    std::size_t sum = 0;
    for (auto at = sdp.find(what); at != std::string::npos; at = sdp.find(what, at + 1)) ++sum;
    return sum;
  };
  EXPECT_GE(count(*offer, "m=video"), 2u);
  EXPECT_GE(count(*offer, "m=audio"), 2u);
  EXPECT_EQ(count(*offer, "m=application"), 1u);
  EXPECT_EQ(count(*offer, "a=sendonly"), count(*offer, "m=video") + count(*offer, "m=audio"));
}

TEST_F(RoomTest, RepliesOnceToEverythingAskedWhileItCloses) {
  enter("ada");
  const auto camera = send("ada", "red");
  std::atomic<int> replies{0};
  constexpr int kAsked = 50;
  for (int i = 0; i < kAsked; ++i)
    room_->join(request_of("x"), [&](Result<JoinReply>) { ++replies; });
  room_->close();
  EXPECT_EQ(replies, kAsked);
  const auto late = join(request_of("late"));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "room-closing");
}

}  // namespace
}  // namespace rooms::test
