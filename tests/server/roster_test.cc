// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/roster.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

const TrackInfo kBobsCamera{"bob/camera", "bob", MediaKind::kVideo, "camera", "VP8", false};

TEST(Roster, FollowsWhoComesSendsMutesAndGoes) {
  Roster roster;
  roster.start({{"ada", "Ada", {}}});
  roster.observe(event::ParticipantJoined{{"bob", "Bob", {}}});
  roster.observe(event::TrackAdded{kBobsCamera});
  roster.observe(event::TrackAdded{kBobsCamera});
  roster.observe(event::TrackMuted{"bob/camera", "bob", true});
  ASSERT_EQ(roster.others().size(), 2u);
  ASSERT_EQ(roster.others()[1].tracks.size(), 1u);
  EXPECT_TRUE(roster.others()[1].tracks[0].muted);
  roster.observe(event::TrackRemoved{"bob/camera", "bob"});
  EXPECT_TRUE(roster.others()[1].tracks.empty());
  roster.observe(event::ParticipantLeft{"bob", "left"});
  ASSERT_EQ(roster.others().size(), 1u);
  EXPECT_EQ(roster.others()[0].id, "ada");
}

TEST(Roster, IgnoresTracksOfPeopleItDoesNotKnow) {
  Roster roster;
  roster.observe(event::TrackAdded{kBobsCamera});
  roster.observe(event::TrackRemoved{"x", "y"});
  roster.observe(event::TrackMuted{"x", "y", true});
  EXPECT_TRUE(roster.others().empty());
}

}  // namespace
}  // namespace rooms
