// SPDX-License-Identifier: LGPL-2.1-or-later
// What a viewer's slots are given, and what its publisher is told of it. webrtcbin sends real
// feedback, on a line that carries everything.
#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

class RoomAllocation : public RoomTest {
 protected:
  Status view(const std::string& who, ViewRequest request) {
    return answer_of<Done>(
        [&](auto reply) { room_->view(who, std::move(request), std::move(reply)); });
  }
  static bool hears_demand(Listener& listener, bool active) {
    return listener
        .hears<event::EncodingsWanted>([=](const event::EncodingsWanted& wanted) {
          return wanted.track == "ada/camera" && wanted.encodings.size() == 1 &&
                 wanted.encodings[0].demand.active == active;
        })
        .has_value();
  }
};

TEST_F(RoomAllocation, TellsAPublisherWhetherAnybodyWatches) {
  const auto ada = enter("ada", false, true);
  const auto camera = send("ada", "red");
  EXPECT_TRUE(hears_demand(*ada, false)) << "nobody is there";
  ada->forget();
  room_->repeat_state("ada");
  EXPECT_TRUE(hears_demand(*ada, false)) << "after its socket was away";
  ada->forget();
  const auto bob = watch("bob", 1, {"ada"});
  EXPECT_TRUE(hears_demand(*ada, true));
  EXPECT_TRUE(bob->sees(1, Colour::kRed));
}

TEST_F(RoomAllocation, ATileThatIsNotVisibleGetsNothingUntilItIs) {
  enter("ada");
  const auto camera = send("ada", "red");
  const auto bob = enter("bob");
  auto player = WebrtcClient::player(1, 1);
  const auto answer = play("bob", player->offer(), {"ada"});
  ASSERT_TRUE(answer);
  player->accept(*answer);
  const auto given = bob->hears<event::Allocated>([](const event::Allocated& allocated) {
    return allocated.slots.size() == 1 && allocated.slots[0].given.layer;
  });
  ASSERT_TRUE(given);
  EXPECT_EQ(given->slots[0].track, "ada/camera");
  const auto mid = given->slots[0].mid;
  bob->forget();
  ASSERT_TRUE(view("bob", {.slots = {{mid, 0, std::nullopt}}}));
  const auto reason_is = [](AllocationReason reason) {
    return [=](const event::Allocated& allocated) {
      return allocated.slots.size() == 1 && allocated.slots[0].given.reason == reason;
    };
  };
  EXPECT_TRUE(bob->hears<event::Allocated>(reason_is(AllocationReason::kNotVisible)));
  ASSERT_TRUE(view("bob", {.slots = {{mid, 640 * 480, SlotPriority::kPinned}}}));
  const auto seen = bob->hears<event::Allocated>(
      [](const event::Allocated& allocated) { return allocated.slots[0].given.layer.has_value(); });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->slots[0].priority, SlotPriority::kPinned);
  EXPECT_EQ(view("bob", {.slots = {{"nine", 0, std::nullopt}}}).error().code, "slot-unknown");
}

}  // namespace
}  // namespace rooms::test
