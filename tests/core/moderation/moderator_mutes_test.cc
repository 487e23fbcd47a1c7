// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/moderation/moderator_mutes.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

TEST(ModeratorMutes, MuteNobodyUntilTheyAreTold) {
  const ModeratorMutes mutes;
  EXPECT_FALSE(mutes.mutes("ada/camera"));
}

TEST(ModeratorMutes, MuteATrackAndNothingElse) {
  ModeratorMutes mutes;
  mutes.set("ada/microphone", true);
  EXPECT_TRUE(mutes.mutes("ada/microphone"));
  EXPECT_FALSE(mutes.mutes("ada/microphone-2"));
  EXPECT_FALSE(mutes.mutes("ada/camera"));
  EXPECT_FALSE(mutes.mutes("ada-2/microphone"));
  mutes.set("ada/microphone", false);
  EXPECT_FALSE(mutes.mutes("ada/microphone"));
}

TEST(ModeratorMutes, MuteAllThatAParticipantSendsAlsoLater) {
  ModeratorMutes mutes;
  mutes.set("ada", true);
  EXPECT_TRUE(mutes.mutes("ada/microphone"));
  EXPECT_TRUE(mutes.mutes("ada/a name/with slashes"));
  EXPECT_FALSE(mutes.mutes("ada-2/microphone"));
}

TEST(ModeratorMutes, LetOneTrackOfAMutedParticipantBeHeard) {
  ModeratorMutes mutes;
  mutes.set("ada", true);
  mutes.set("ada/microphone", false);
  EXPECT_FALSE(mutes.mutes("ada/microphone"));
  EXPECT_TRUE(mutes.mutes("ada/camera"));
  // The latest word about everything counts for everything.
  mutes.set("ada", true);
  EXPECT_TRUE(mutes.mutes("ada/microphone"));
}

TEST(ModeratorMutes, UnmuteAllTracksWithTheirParticipant) {
  ModeratorMutes mutes;
  mutes.set("ada/camera", true);
  mutes.set("ada/microphone", true);
  mutes.set("bob/camera", true);
  mutes.set("ada", false);
  EXPECT_FALSE(mutes.mutes("ada/camera"));
  EXPECT_FALSE(mutes.mutes("ada/microphone"));
  EXPECT_TRUE(mutes.mutes("bob/camera"));
}

TEST(ModeratorMutes, ForgetWhoHasLeft) {
  ModeratorMutes mutes;
  mutes.set("ada", true);
  mutes.set("ada/camera", false);
  mutes.set("bob", true);
  mutes.forget("ada");
  EXPECT_FALSE(mutes.mutes("ada/microphone"));
  EXPECT_TRUE(mutes.mutes("bob/microphone"));
}

}  // namespace
}  // namespace rooms
