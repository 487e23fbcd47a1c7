// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/slot_assignment.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace rooms {
namespace {

constexpr auto kAudio = MediaKind::kAudio;
constexpr auto kVideo = MediaKind::kVideo;

std::vector<std::string> tracks_of(const SlotAssignment& assignment) {
  std::vector<std::string> tracks;
  for (const auto& slot : assignment.slots) tracks.push_back(slot.track);
  return tracks;
}

TEST(SlotAssignment, FillsFreeSlotsOfTheRightKindInOrder) {
  const auto result =
      assign_slots({{kAudio, ""}, {kVideo, ""}, {kVideo, ""}},
                   {{"a/cam", kVideo}, {"a/mic", kAudio}, {"b/cam", kVideo}}, false);
  EXPECT_EQ(tracks_of(result), (std::vector<std::string>{"a/mic", "a/cam", "b/cam"}));
  EXPECT_EQ(result.audio_missing, 0U);
  EXPECT_EQ(result.video_missing, 0U);
}

TEST(SlotAssignment, LeavesEverybodyWhereTheyAreWhenOneGoes) {
  const auto result = assign_slots({{kVideo, "a"}, {kVideo, "b"}, {kVideo, "c"}},
                                   {{"a", kVideo}, {"c", kVideo}}, false);
  EXPECT_EQ(tracks_of(result), (std::vector<std::string>{"a", "", "c"}));
}

TEST(SlotAssignment, TellsHowManySlotsAreMissing) {
  const auto result =
      assign_slots({{kVideo, ""}}, {{"a", kVideo}, {"b", kVideo}, {"m", kAudio}}, false);
  EXPECT_EQ(tracks_of(result), (std::vector<std::string>{"a"}));
  EXPECT_EQ(result.video_missing, 1U);
  EXPECT_EQ(result.audio_missing, 1U);
}

TEST(SlotAssignment, GivesScarceSlotsToTheFirstWanted) {
  const auto result = assign_slots({{kVideo, "c"}}, {{"a", kVideo}, {"c", kVideo}}, false);
  EXPECT_EQ(tracks_of(result), (std::vector<std::string>{"a"}));
}

TEST(SlotAssignment, KeepsTheOrderThatAPlayerAskedFor) {
  const auto result = assign_slots({{kVideo, "b"}, {kVideo, "a"}, {kVideo, "x"}},
                                   {{"a", kVideo}, {"b", kVideo}}, true);
  EXPECT_EQ(tracks_of(result), (std::vector<std::string>{"a", "b", ""}));
}

TEST(SlotAssignment, NeverShowsATrackTwiceAndNeverMovesAWinner) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<SlotContent> slots(5, {kVideo, ""});
  for (int round = 0; round < 2000; ++round) {
    std::vector<WantedTrack> wanted;
    for (int track = 0; track < 9; ++track)
      if (random() % 2) wanted.push_back({std::to_string(track), kVideo});
    const auto result = assign_slots(slots, wanted, false);
    std::set<std::string> winners;
    for (std::size_t i = 0; i < std::min<std::size_t>(wanted.size(), 5); ++i)
      winners.insert(wanted[i].track);
    std::set<std::string> shown;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& now = result.slots[i].track;
      if (!now.empty()) {
        EXPECT_TRUE(shown.insert(now).second);
      }
      if (winners.contains(slots[i].track)) {
        EXPECT_EQ(now, slots[i].track);
      }
    }
    EXPECT_EQ(shown, winners);
    slots = result.slots;
  }
}

}  // namespace
}  // namespace rooms
