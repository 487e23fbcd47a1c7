// SPDX-License-Identifier: LGPL-2.1-or-later
// Which tracks of a room larger than its limits a member is sent. Where nothing but SDP is needed,
// nobody connects.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

using Names = std::vector<std::string>;

/// Track by mid of the slot; empty slots are left out.
using Slots = std::map<std::string, std::string>;

Slots slots_of(const event::SlotsChanged& changed) {
  Slots slots;
  for (const auto& slot : changed.slots)
    if (slot.track) slots[slot.mid] = slot.track->id;
  return slots;
}

/// In alphabetical order.
Names tracks_of(const Slots& slots, char kind) {
  Names names;
  for (const auto& [mid, track] : slots)
    if (mid.front() == kind) names.push_back(track);
  std::sort(names.begin(), names.end());
  return names;
}

std::string mid_of(const Slots& slots, const std::string& track) {
  for (const auto& [mid, shown] : slots)
    if (shown == track) return mid;
  return "";
}

class RoomSelection : public RoomTest {
 protected:
  explicit RoomSelection(const RoomPolicy& policy = {.last_n = 2, .loudest = 1})
      : RoomTest(policy) {}

  /// Somebody with camera and microphone, as far as SDP goes.
  void come(const std::string& name, const std::map<std::string, TrackLabel>& labels = {}) {
    if (offer_.empty()) offer_ = WebrtcClient::publisher("red")->offer();
    enter(name);
    const auto reply = publish(name, offer_, labels);
    EXPECT_TRUE(reply) << reply.error().message;
  }

  std::shared_ptr<Listener> subscribe(const std::string& name,
                                      std::optional<unsigned> last_n = std::nullopt) {
    auto listener = enter(name);
    SubscribeRequest request;
    request.last_n = last_n;
    const auto offer = answer_of<std::string>(
        [&](auto reply) { room_->subscribe(name, request, std::move(reply)); });
    EXPECT_TRUE(offer) << offer.error().message;
    return listener;
  }

  /// The slots as soon as they show exactly these; what is shown instead fails the test.
  static Slots shows(Listener& listener, char kind, Names wanted) {
    std::sort(wanted.begin(), wanted.end());
    Slots last;
    const auto shown = listener.hears<event::SlotsChanged>([&](const auto& changed) {
      last = slots_of(changed);
      return tracks_of(last, kind) == wanted;
    });
    EXPECT_TRUE(shown) << testing::PrintToString(last);
    return shown ? slots_of(*shown) : Slots();
  }

  std::string offer_;
};

TEST_F(RoomSelection, ShowsTheFirstUntilAScreenComesWhichTakesThePlaceOfOne) {
  come("ada");
  come("bob");
  come("cleo");
  const auto viewer = subscribe("viewer");
  const auto before = shows(*viewer, 'v', {"ada/camera", "bob/camera"});
  EXPECT_EQ(tracks_of(before, 'a'), (Names{"ada/microphone", "bob/microphone"}));
  viewer->forget();
  come("dan", {{"video0", {"screen", false}}});
  const auto after = shows(*viewer, 'v', {"ada/camera", "dan/screen"});
  EXPECT_EQ(mid_of(after, "ada/camera"), mid_of(before, "ada/camera")) << "stays where it was";
  EXPECT_EQ(tracks_of(after, 'a'), tracks_of(before, 'a')) << "nobody is louder";
  viewer->forget();
  room_->leave("dan", "test");
  shows(*viewer, 'v', {"ada/camera", "bob/camera"});
}

TEST_F(RoomSelection, AMemberMayWantLessThanTheRoomGivesButNotMore) {
  for (const char* name : {"ada", "bob", "cleo"}) come(name);
  shows(*subscribe("modest", 1), 'v', {"ada/camera"});
  shows(*subscribe("listener", 0), 'v', {});
  shows(*subscribe("greedy", 9), 'v', {"ada/camera", "bob/camera"});
}

TEST_F(RoomSelection, ShowsSomebodyElseWhileACameraIsMuted) {
  for (const char* name : {"ada", "bob", "cleo"}) come(name);
  const auto viewer = subscribe("viewer");
  const auto before = shows(*viewer, 'v', {"ada/camera", "bob/camera"});
  const auto mute = [&](bool muted) {
    return answer_of<Done>(
        [&](auto reply) { room_->set_muted("ada", "ada/camera", muted, std::move(reply)); });
  };
  ASSERT_TRUE(mute(true));
  const auto after = shows(*viewer, 'v', {"bob/camera", "cleo/camera"});
  EXPECT_EQ(mid_of(after, "bob/camera"), mid_of(before, "bob/camera"));
  viewer->forget();
  ASSERT_TRUE(mute(false));
  shows(*viewer, 'v', {"ada/camera", "bob/camera"});
}

TEST_F(RoomSelection, ShowsAPlayerWhomItNamed) {
  for (const char* name : {"ada", "bob", "cleo"}) come(name);
  const auto listener = enter("player", true);
  const auto client = WebrtcClient::player(3, 3);
  ASSERT_TRUE(play("player", client->offer(), {"cleo", "ada", "bob"}));
  const auto shown = listener->hears<event::SlotsChanged>();
  ASSERT_TRUE(shown);
  EXPECT_EQ(slots_of(*shown).size(), 6u) << "neither of the limits is for it";
}

TEST_F(RoomSelection, SendsSoundOfUnknownLevelBesidesTheLoudest) {
  enter("ada");
  enter("bob");
  enter("cleo");
  const auto viewer = subscribe("viewer");
  // Packets have to come before it is known that they tell no level.
  const auto ada = send("ada", "red");
  const auto bob = send("bob", "red");
  const auto cleo = send("cleo", "red");
  shows(*viewer, 'a', {"ada/microphone", "bob/microphone", "cleo/microphone"});
}

class RoomOfVoices : public RoomSelection {
 protected:
  RoomOfVoices() : RoomSelection({.last_n = 2, .loudest = 0}) {}

  std::unique_ptr<WebrtcClient> send_voice(const std::string& who) {
    enter(who);
    auto client = WebrtcClient::voice();
    const auto reply = publish(who, client->offer());
    EXPECT_TRUE(reply) << reply.error().message;
    if (reply) client->accept(reply->sdp);
    EXPECT_TRUE(client->connects());
    return client;
  }
};

TEST_F(RoomOfVoices, HearsWhoSpeaksInPlaceOfWhoIsSilent) {
  const auto ada = send_voice("ada");
  const auto bob = send_voice("bob");
  const auto viewer = subscribe("viewer");
  shows(*viewer, 'a', {"ada/microphone"});
  bob->speak(true);
  const auto speaking =
      viewer->hears<event::Speaking>([](const auto& told) { return told.participant == "bob"; });
  EXPECT_TRUE(speaking);
  shows(*viewer, 'a', {"bob/microphone"});
}

class RoomAsConfigured : public RoomSelection {
 protected:
  RoomAsConfigured() : RoomSelection(RoomPolicy{}) {}
};

TEST_F(RoomAsConfigured, SendsAllOfASmallRoom) {
  for (const char* name : {"ada", "bob", "cleo", "dan"}) come(name);
  const auto slots =
      shows(*subscribe("viewer"), 'v', {"ada/camera", "bob/camera", "cleo/camera", "dan/camera"});
  EXPECT_EQ(slots.size(), 8u);
}

class RoomWithoutLimits : public RoomSelection {
 protected:
  RoomWithoutLimits() : RoomSelection({.last_n = std::nullopt, .loudest = std::nullopt}) {}
};

TEST_F(RoomWithoutLimits, HasAsManySlotsForSoundAsForPictures) {
  for (const char* name : {"ada", "bob", "cleo", "dan", "eve"}) come(name);
  come("fay", {{"video0", {"screen", false}}});
  const auto slots =
      shows(*subscribe("viewer"), 'v',
            {"ada/camera", "bob/camera", "cleo/camera", "dan/camera", "eve/camera", "fay/screen"});
  for (const auto& [mid, track] : slots) {
    // The other of its pair: another number is another MediaStream.
    const auto other = (mid.front() == 'a' ? "v" : "a") + mid.substr(1);
    const auto beside = slots.find(other);
    if (beside == slots.end()) continue;
    EXPECT_EQ(track.substr(0, track.find('/')), beside->second.substr(0, beside->second.find('/')));
  }
  EXPECT_EQ(slots.size(), 12u);
}

}  // namespace
}  // namespace rooms::test
