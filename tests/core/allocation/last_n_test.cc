// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/last_n.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/core/wire/random.h"

namespace rooms {
namespace {

using Names = std::vector<std::string>;

constexpr auto kAudio = MediaKind::kAudio;
constexpr auto kVideo = MediaKind::kVideo;

/// Camera and microphone of `count` people p0, p1, ..
std::vector<CandidateTrack> people(int count) {
  std::vector<CandidateTrack> tracks;
  for (int i = 0; i < count; ++i) {
    const auto name = "p" + std::to_string(i);
    tracks.push_back({name + "/mic", name, kAudio, false});
    tracks.push_back({name + "/cam", name, kVideo, false});
  }
  return tracks;
}

Names chosen(const std::vector<CandidateTrack>& candidates, const LastNPolicy& policy,
             MediaKind kind = kVideo) {
  Names names;
  for (const auto index : select_tracks(candidates, policy))
    if (candidates[index].kind == kind) names.push_back(candidates[index].track);
  return names;
}

TEST(LastN, WithoutLimitsEverythingInOrder) {
  EXPECT_EQ(select_tracks(people(3), {}), (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(LastN, PinnedThenScreensThenSpeakersThenTheOthers) {
  auto tracks = people(5);
  tracks.push_back({"p2/screen", "p2", kVideo, true});
  LastNPolicy policy;
  policy.last_n = 5;
  policy.pinned = {"p4", "nobody"};
  policy.speakers = {"p3", "gone", "p1"};
  EXPECT_EQ(chosen(tracks, policy), (Names{"p4/cam", "p2/screen", "p3/cam", "p1/cam", "p0/cam"}));
  policy.last_n = 1;
  EXPECT_EQ(chosen(tracks, policy), Names{"p4/cam"});
  policy.last_n = 0;
  EXPECT_EQ(chosen(tracks, policy), Names{});
  EXPECT_EQ(chosen(tracks, policy, kAudio).size(), 5U);
}

TEST(LastN, WhatIsMutedTakesNoPlaceOfWhatCanBeSeen) {
  auto tracks = people(4);
  tracks[1].is_muted = tracks[5].is_muted = true;
  LastNPolicy policy;
  policy.last_n = 2;
  policy.speakers = {"p2"};
  EXPECT_EQ(chosen(tracks, policy), (Names{"p1/cam", "p3/cam"}));
  policy.last_n = 3;
  EXPECT_EQ(chosen(tracks, policy), (Names{"p1/cam", "p3/cam", "p0/cam"}));
  policy.pinned = {"p2"};
  EXPECT_EQ(chosen(tracks, policy), (Names{"p2/cam", "p1/cam", "p3/cam"}));
}

TEST(LastN, OnlyTheLoudestAreHeard) {
  LastNPolicy policy;
  policy.loudest = Names{"p7/mic", "p2/mic", "left/mic"};
  EXPECT_EQ(chosen(people(10), policy, kAudio), (Names{"p2/mic", "p7/mic"}));
  EXPECT_EQ(chosen(people(10), policy).size(), 10U);
}

TEST(LastN, ARoomOfAHundredShowsAsMuchAsOneOfTen) {
  LastNPolicy policy;
  policy.last_n = 9;
  policy.loudest = Names{"p1/mic", "p2/mic", "p3/mic", "p4/mic"};
  EXPECT_EQ(select_tracks(people(100), policy).size(), 13U);
  EXPECT_EQ(select_tracks(people(10), policy).size(), 13U);
}

TEST(LastN, ANewSpeakerTakesAtMostOnePlace) {
  Random random(1);
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < 50; ++round) {
    auto tracks = people(random.between(1, 100));
    if (random.one_in(2)) tracks.push_back({"p0/screen", "p0", kVideo, true});
    LastNPolicy policy;
    policy.last_n = random.between<std::size_t>(0, 12);
    if (random.one_in(2)) policy.pinned = {"p" + std::to_string(random.between(0, 99))};
    auto before = chosen(tracks, policy);
    for (int change = 0; change < 40; ++change) {
      const auto speaker = "p" + std::to_string(random.between(0, 99));
      std::erase(policy.speakers, speaker);
      policy.speakers.insert(policy.speakers.begin(), speaker);
      const auto now = chosen(tracks, policy);
      EXPECT_LE(now.size(), *policy.last_n);
      Names came;
      const std::set<std::string> old(before.begin(), before.end());
      for (const auto& track : now)
        if (!old.contains(track)) came.push_back(track);
      EXPECT_LE(came.size(), 1U);
      if (!came.empty()) {
        EXPECT_EQ(came.front(), speaker + "/cam");
      }
      before = now;
    }
  }
}

}  // namespace
}  // namespace rooms
