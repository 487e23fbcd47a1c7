// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/encoding_wishes.h"

#include <gtest/gtest.h>

#include "tests/core/allocation/layers.h"

namespace rooms {
namespace {

using Wishes = std::vector<EncodingWish>;
constexpr auto kAny = DataRate::unlimited();

std::vector<TrackLayer> simulcast() {
  return {{"q", 0, 0, 320, 180, 100'000, true},
          {"q", 0, 1, 320, 180, 150'000, true},
          {"h", 1, 0, 640, 360, 500'000, true},
          {"f", 2, 0, 1280, 720, 1'500'000, true}};
}
std::vector<TrackLayer> single() { return {{"", 0, 0, 640, 360, 800'000, true}}; }

ShownTrack shown(std::vector<TrackLayer> layers, std::optional<LayerChoice> layer,
                 AllocationReason reason, std::int64_t rate = 0) {
  return {{layer, kbps(rate), reason}, std::move(layers), DataRate()};
}

TEST(EncodingWishes, OfSimulcastWhatItIsGivenAndOnALimitedLineTheLowest) {
  const auto middle = shown(simulcast(), LayerChoice{1, 0}, AllocationReason::kBudget, 500);
  EXPECT_EQ(wishes_for(middle, std::nullopt), (Wishes{{"h", kAny}}));
  EXPECT_EQ(wishes_for(middle, kbps(10)), (Wishes{{"q", kAny}, {"h", kAny}}));
  const auto lowest = shown(simulcast(), LayerChoice{0, 1}, AllocationReason::kBudget, 150);
  EXPECT_EQ(wishes_for(lowest, kbps(10)), (Wishes{{"q", kAny}}));
}

TEST(EncodingWishes, APausedOneKeepsTheLowestToComeBackTo) {
  const auto paused = shown(simulcast(), std::nullopt, AllocationReason::kPausedForBudget);
  EXPECT_EQ(wishes_for(paused, kbps(0)), (Wishes{{"q", kAny}}));
}

TEST(EncodingWishes, NothingOfWhatIsNotSeen) {
  for (const auto reason : {AllocationReason::kNotVisible, AllocationReason::kPausedByClient})
    EXPECT_EQ(wishes_for(shown(simulcast(), std::nullopt, reason), kbps(0)), Wishes{});
}

TEST(EncodingWishes, AllOfWhatHasNotBegun) {
  const auto fresh = shown(simulcast(), std::nullopt, AllocationReason::kNoLayers);
  EXPECT_EQ(wishes_for(fresh, kbps(0)), (Wishes{{"q", kAny}, {"h", kAny}, {"f", kAny}}));
}

TEST(EncodingWishes, ASingleStreamThatFitsWithoutLimit) {
  const auto track = shown(single(), LayerChoice{0, 0}, AllocationReason::kTopLayer, 800);
  EXPECT_EQ(wishes_for(track, std::nullopt), (Wishes{{"", kAny}}));
  EXPECT_EQ(wishes_for(track, kbps(100)), (Wishes{{"", kAny}}));
}

TEST(EncodingWishes, ACappedOneAsFarAsTheLineGoesUntilThatIsAmple) {
  auto track = shown(single(), LayerChoice{0, 0}, AllocationReason::kTopLayer, 400);
  track.is_capped = true;
  track.unrestrained = kbps(800);
  EXPECT_EQ(wishes_for(track, kbps(300)), (Wishes{{"", kbps(700)}}));
  EXPECT_EQ(wishes_for(track, kbps(560)), (Wishes{{"", kbps(960)}}));
  EXPECT_EQ(wishes_for(track, kbps(561)), (Wishes{{"", kAny}}));
}

TEST(EncodingWishes, ASingleStreamThatDoesNotFitIsAskedToBecomeSmaller) {
  const auto paused = shown(single(), std::nullopt, AllocationReason::kPausedForBudget);
  EXPECT_EQ(wishes_for(paused, kbps(300)), (Wishes{{"", kbps(300)}}));
  EXPECT_EQ(wishes_for(paused, kbps(49)), Wishes{}) << "too small for any picture";
  const auto patient = shown(single(), LayerChoice{0, 0}, AllocationReason::kBudget, 800);
  EXPECT_EQ(wishes_for(patient, kbps(-500)), (Wishes{{"", kbps(300)}}));
}

}  // namespace
}  // namespace rooms
