// SPDX-License-Identifier: LGPL-2.1-or-later
// What a moderator changes, with media flowing.
#include "tests/pipelines/room_fixture.h"

namespace rooms::test {
namespace {

using std::chrono::milliseconds;

class RoomControlTest : public RoomTest {
 protected:
  Status control(RoomControl change) {
    return answer_of<Done>(
        [&](auto reply) { room_->control(std::move(change), std::move(reply)); });
  }
  Status mute(const std::string& id, bool muted) {
    RoomControl change;
    change.mute[id] = muted;
    return control(std::move(change));
  }
  std::string code_of(RoomControl change) {
    const auto done = control(std::move(change));
    return done ? "done" : done.error().code;
  }
};

TEST_F(RoomControlTest, HoldsATrackBackUntilTheModeratorLetsItGo) {
  const auto ada = enter("ada");
  const auto bob = enter("bob");
  const auto camera = send("ada", "green");
  const auto player = watch("player", 1, {"ada"});
  EXPECT_TRUE(player->sees(1, Colour::kGreen));

  const auto asked = std::chrono::steady_clock::now();
  ASSERT_TRUE(mute("ada/camera", true));
  for (const auto& listener : {ada, bob}) {
    const auto told = listener->hears<event::TrackMuted>();
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->muted && told->moderated);
  }
  const auto took = std::chrono::steady_clock::now() - asked;
  std::printf("from the moderator's word to everybody's knowledge: %d ms\n",
              static_cast<int>(std::chrono::duration_cast<milliseconds>(took).count()));
  EXPECT_TRUE(player->hears(25));
  const unsigned frames = player->frames();
  EXPECT_TRUE(player->hears(25)) << "the sound goes on";
  EXPECT_EQ(player->frames(), frames);

  const auto own = answer_of<Done>(
      [&](auto reply) { room_->set_muted("ada", "ada/camera", false, std::move(reply)); });
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, "muted-by-moderator");
  // Ada joined as who cannot say that she is to be seen again.
  ASSERT_TRUE(mute("ada/camera", false));
  EXPECT_TRUE(player->sees(1, Colour::kGreen));
}

TEST_F(RoomControlTest, ChangesAllOrNothing) {
  enter("ada");
  enter("ghost", true);
  const auto camera = send("ada", "red");
  RoomControl change;
  change.topology = Topology::kSfu;
  change.mute = {{"ada", true}, {"nobody", true}};
  EXPECT_EQ(code_of(change), "participant-unknown");
  change.mute = {{"ada", true}, {"ada/nothing", true}};
  EXPECT_EQ(code_of(change), "track-unknown");
  change.mute = {{"ghost", true}};
  EXPECT_EQ(code_of(change), "participant-unknown") << "players send nothing that one could mute";
  EXPECT_NE(stats().find(R"("topology":"auto")"), std::string::npos);
  EXPECT_EQ(stats().find(R"("moderated":true)"), std::string::npos);

  change.mute = {{"ada", true}, {"ada/camera", false}};
  EXPECT_EQ(code_of(change), "done");
  EXPECT_NE(stats().find(R"("topology":"sfu")"), std::string::npos);
  const auto everything = stats();
  EXPECT_NE(everything.find(R"("moderated":true)"), std::string::npos) << "the microphone";
  EXPECT_NE(everything.find(R"("moderated":false)"), std::string::npos) << "not the camera";
}

}  // namespace
}  // namespace rooms::test
