// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/playout_choice.h"

#include <gtest/gtest.h>

namespace rooms {
namespace {

using Tracks = std::vector<PlayableTrack>;

PlayableTrack picture(const std::string& label, Codec codec = Codec::kVp8) {
  return {"ada/" + label, MediaKind::kVideo, label, codec};
}

PlayableTrack sound(const std::string& label, Codec codec = Codec::kOpus) {
  return {"ada/" + label, MediaKind::kAudio, label, codec};
}

PlayableTrack muted(PlayableTrack track) {
  track.muted = true;
  return track;
}

PlayableTrack unplayable(PlayableTrack track) {
  track.playable = false;
  return track;
}

TEST(PlayoutChoice, TakesACameraAndAMicrophoneBeforeOthers) {
  const auto chosen = choose_playout(
      {picture("screen"), sound("screen-audio"), sound("microphone"), picture("camera")});
  EXPECT_EQ(chosen.picture->id, "ada/camera");
  EXPECT_EQ(chosen.sound->id, "ada/microphone");
  const auto other = choose_playout({picture("screen"), sound("screen-audio")});
  EXPECT_EQ(other.picture->id, "ada/screen");
  EXPECT_EQ(other.sound->id, "ada/screen-audio");
}

TEST(PlayoutChoice, TakesNoPictureThatIsMutedButSoundThatIs) {
  const auto chosen = choose_playout({muted(picture("camera")), muted(sound("microphone"))});
  EXPECT_FALSE(chosen.picture);
  EXPECT_TRUE(chosen.sound);
  EXPECT_EQ(choose_playout({muted(picture("camera")), picture("screen")}).picture->id,
            "ada/screen");
}

TEST(PlayoutChoice, LeavesOutWhatCannotBeSent) {
  const auto chosen = choose_playout({unplayable(picture("camera", Codec::kAv1))});
  EXPECT_FALSE(chosen.picture || chosen.sound);
}

TEST(PlayoutChoice, GoesOnOrEnds) {
  const Tracks first{picture("camera"), sound("microphone")};
  struct Row {
    const char* title;
    Tracks before;
    Tracks after;
    bool ends;
  };
  const Row rows[] = {
      {"nothing changes", first, first, false},
      {"both are muted", first, {muted(first[0]), muted(first[1])}, false},
      {"a screen comes", first, {first[0], first[1], picture("screen")}, false},
      {"everything goes", first, {}, true},
      {"the camera goes", first, {first[1]}, false},
      {"the camera goes, the screen is there", first, {first[1], picture("screen")}, true},
      {"another codec", first, {picture("camera", Codec::kH264), first[1]}, true},
      {"another codec, muted", first, {muted(picture("camera", Codec::kH264)), first[1]}, true},
      {"another codec of the sound", first, {first[0], sound("microphone", Codec::kPcmu)}, true},
      {"a picture comes", {first[1]}, first, true},
      {"a muted picture comes", {first[1]}, {first[1], muted(first[0])}, false},
      {"a sound comes", {first[0]}, first, true},
      {"one that cannot be sent comes", {first[1]}, {first[1], unplayable(first[0])}, false},
  };
  for (const auto& row : rows) {
    PlayoutLoss lost;
    const auto reason = end_of_playout(choose_playout(row.before), lost, row.after);
    EXPECT_EQ(!reason.empty(), row.ends) << row.title << ": " << reason;
  }
}

TEST(PlayoutChoice, WhatHasGoneOnceComesBackAsAnother) {
  const Tracks both{picture("camera"), sound("microphone")};
  const auto chosen = choose_playout(both);
  PlayoutLoss lost;
  EXPECT_EQ(end_of_playout(chosen, lost, {both[1]}), "");
  EXPECT_TRUE(lost.picture);
  EXPECT_NE(end_of_playout(chosen, lost, both), "");
}

TEST(PlayoutChoice, EndsWhenNothingOfItIsLeft) {
  const auto chosen = choose_playout({sound("microphone")});
  PlayoutLoss lost;
  EXPECT_NE(end_of_playout(chosen, lost, {muted(picture("camera"))}), "");
}

}  // namespace
}  // namespace rooms
