// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/bitrate_allocator.h"

#include <gtest/gtest.h>

#include "tests/core/allocation/layers.h"

namespace rooms {
namespace {

constexpr auto kScreen = SlotPriority::kScreen;
constexpr auto kSpeaker = SlotPriority::kActiveSpeaker;
constexpr auto kPinned = SlotPriority::kPinned;
constexpr auto kOther = SlotPriority::kOther;

// Figures in the tables below are the budget itself.
constexpr AllocatorConfig kExact{.headroom = 1, .raise_margin = 0};

AllocationSlot slot(SlotPriority priority, std::vector<LayerOption> layers) {
  return {.priority = priority, .layers = std::move(layers)};
}

AllocationSlot tile(std::uint32_t width, std::uint32_t height) {
  auto one = slot(kOther, camera());
  one.tile_pixels = std::uint64_t{width} * height;
  return one;
}

AllocationSlot limited(std::uint8_t spatial, std::uint8_t temporal) {
  auto one = slot(kOther, camera());
  one.most = LayerChoice{spatial, temporal};
  return one;
}

AllocationSlot paused() {
  auto one = slot(kScreen, camera());
  one.paused = true;
  return one;
}

TEST(BitrateAllocator, GivesEachSlotWhatItCanAndSaysWhy) {
  struct Row {
    const char* title;
    std::int64_t budget;
    std::vector<AllocationSlot> slots;
    const char* layers;
    const char* reasons;
  };
  const std::vector<Row> rows{
      {"plenty", 5000, {slot(kOther, camera())}, "2.2", "top-layer"},
      {"a larger picture at a quarter of the frame rate is left out",
       299,
       {slot(kOther, camera())},
       "0.2",
       "budget"},
      {"the middle one", 600, {slot(kOther, camera())}, "1.2", "budget"},
      {"a screen prefers sharpness", 250, {slot(kScreen, camera())}, "1.0", "budget"},
      {"a small tile", 5000, {tile(300, 170)}, "0.2", "tile-covered"},
      {"a tile between two layers gets the larger", 5000, {tile(400, 200)}, "1.2", "tile-covered"},
      {"a tile larger than all layers", 5000, {tile(3840, 2160)}, "2.2", "top-layer"},
      {"out of sight", 5000, {tile(0, 0)}, "-", "not-visible"},
      {"the client's limit", 5000, {limited(1, 1)}, "1.1", "client-limit"},
      {"layer 99 is no limit", 5000, {limited(99, 99)}, "2.2", "top-layer"},
      {"paused by the client", 5000, {paused()}, "-", "paused-by-client"},
      {"nothing flows", 5000, {slot(kOther, {})}, "-", "no-layers"},
      {"no budget", 0, {slot(kOther, camera())}, "-", "paused-for-budget"},
      {"equals share",
       1000,
       {slot(kOther, camera()), slot(kOther, camera())},
       "1.2 1.2",
       "budget budget"},
      {"the first of equals takes the odd step",
       700,
       {slot(kOther, camera()), slot(kOther, camera())},
       "1.1 1.1",
       "budget budget"},
      {"all are seen before one is seen better",
       300,
       {slot(kOther, camera()), slot(kSpeaker, camera())},
       "0.2 0.2",
       "budget budget"},
      {"the speaker before the others",
       900,
       {slot(kOther, camera()), slot(kSpeaker, camera())},
       "1.1 1.2",
       "budget budget"},
      {"the screen before everybody",
       2000,
       {slot(kOther, camera()), slot(kScreen, camera())},
       "1.1 2.2",
       "budget top-layer"},
      {"pinned ones before the others",
       650,
       {slot(kOther, camera()), slot(kPinned, camera())},
       "0.2 1.2",
       "budget budget"},
      {"who comes last in priority is paused",
       210,
       {slot(kOther, camera()), slot(kSpeaker, camera()), slot(kPinned, camera())},
       "0.0 0.1 0.0",
       "budget budget budget"},
      {"then not at all",
       130,
       {slot(kOther, camera()), slot(kSpeaker, camera()), slot(kPinned, camera())},
       "- 0.0 0.0",
       "paused-for-budget budget budget"},
      {"one that costs too much leaves the others alone",
       1000,
       {slot(kOther, plain(2500)), slot(kOther, camera())},
       "- 1.2",
       "paused-for-budget budget"},
      {"one without layers is shown when there is room",
       3200,
       {slot(kOther, plain(2500)), slot(kOther, camera())},
       "0.0 1.2",
       "top-layer budget"},
  };
  for (const auto& row : rows) {
    const auto allocation = allocate_bitrate({kbps(row.budget), {}, row.slots}, kExact);
    EXPECT_EQ(layers_of(allocation), row.layers) << row.title;
    EXPECT_EQ(reasons_of(allocation), row.reasons) << row.title;
  }
}

TEST(BitrateAllocator, AudioComesFirst) {
  const auto allocation =
      allocate_bitrate({kbps(200), kbps(160), {slot(kOther, camera())}}, kExact);
  EXPECT_EQ(reasons_of(allocation), "paused-for-budget");
  const auto none = allocate_bitrate({kbps(100), kbps(160), {slot(kOther, camera())}}, kExact);
  EXPECT_EQ(none.video, DataRate());
}

TEST(BitrateAllocator, LeavesHeadroom) {
  const auto allocation = allocate_bitrate({kbps(155), {}, {slot(kOther, plain(150))}},
                                           {.headroom = 0.95, .raise_margin = 0});
  EXPECT_EQ(reasons_of(allocation), "paused-for-budget");
}

TEST(BitrateAllocator, AStillScreenSkipsTheLayerThatCostsMoreThanABetterOne) {
  auto layers = camera();
  for (auto& option : layers)
    if (option.layer.spatial == 2) option.bitrate = kbps(120);
  const auto allocation = allocate_bitrate({kbps(130), {}, {slot(kScreen, layers)}}, kExact);
  EXPECT_EQ(layers_of(allocation), "2.2");
}

TEST(BitrateAllocator, GoesDownAtOnceAndUpOnlyWithMargin) {
  const AllocatorConfig config{.headroom = 1, .raise_margin = 0.1, .faster_margin = 0.1};
  AllocationRequest request{kbps(600), {}, {slot(kOther, camera())}};
  remember(request, allocate_bitrate(request, config));
  ASSERT_EQ(text_of(request.slots[0].current), "1.2");

  request.budget = kbps(510);
  EXPECT_EQ(layers_of(allocate_bitrate(request, config)), "1.2");
  request.budget = kbps(490);
  remember(request, allocate_bitrate(request, config));
  EXPECT_EQ(text_of(request.slots[0].current), "1.1");

  request.budget = kbps(550);
  const auto close = allocate_bitrate(request, config);
  EXPECT_EQ(layers_of(close), "1.1");
  EXPECT_EQ(reasons_of(close), "raise-margin");
  request.budget = kbps(560);
  EXPECT_EQ(layers_of(allocate_bitrate(request, config)), "1.2");
}

TEST(BitrateAllocator, AHigherFrameRateNeedsLessMarginThanALargerPicture) {
  const AllocatorConfig config{.headroom = 1, .raise_margin = 0.1, .faster_margin = 0.05};
  AllocationRequest request{kbps(600), {}, {slot(kOther, camera())}};
  remember(request, allocate_bitrate(request, config));
  request.budget = kbps(490);
  remember(request, allocate_bitrate(request, config));
  ASSERT_EQ(text_of(request.slots[0].current), "1.1");
  request.budget = kbps(520);
  EXPECT_EQ(layers_of(allocate_bitrate(request, config)), "1.1");
  request.budget = kbps(530);
  EXPECT_EQ(layers_of(allocate_bitrate(request, config)), "1.2");
}

TEST(BitrateAllocator, WhoComesLaterGetsAFairShareOfWhoWasThere) {
  AllocationRequest request{kbps(2000), {}, {slot(kOther, camera())}};
  remember(request, allocate_bitrate(request));
  ASSERT_EQ(text_of(request.slots[0].current), "2.2");
  request.slots.push_back(slot(kOther, camera()));
  for (int i = 0; i < 4; ++i) remember(request, allocate_bitrate(request));
  EXPECT_EQ(layers_of(allocate_bitrate(request)), "2.1 1.2");
}

TEST(BitrateAllocator, FourTracksUseAMegabitWell) {
  AllocationRequest request{kbps(1000), kbps(100), {}};
  for (int i = 0; i < 4; ++i) request.slots.push_back(slot(kOther, camera()));
  const auto allocation = allocate_bitrate(request);
  const double use = (allocation.video + request.audio) / request.budget;
  std::printf("four tracks at 1 Mbit/s: %s, %.0f %% used\n", layers_of(allocation).c_str(),
              use * 100);
  EXPECT_GT(use, 0.6);
}

TEST(BitrateAllocator, ALineThatCannotCarryALargerPicturesFrameRateDoesNotBeginIt) {
  AllocationRequest request{kbps(1200), kbps(0), {slot(kOther, camera())}};
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "1.2") << "2.1 alone would fit";
  request.slots[0].current = LayerChoice{2, 2};
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "2.1") << "one that is there goes on";
  request = {kbps(1200), kbps(0), {slot(kScreen, camera())}};
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "2.1") << "a screen should be read";
}

TEST(BitrateAllocator, GraceKeepsSizesAndNoFrameRates) {
  AllocationRequest request{kbps(1000), kbps(0), {slot(kOther, camera())}};
  request.slots[0].current = LayerChoice{2, 2};
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "1.2");
  request.grace = 1.05;
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "2.1");
  request.slots[0].current = LayerChoice{1, 2};
  EXPECT_EQ(layers_of(allocate_bitrate(request, kExact)), "1.2") << "of what flows";
}

TEST(BitrateAllocator, NamesAreDistinct) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(AllocationReason::kNoLayers); ++i)
    names.push_back(name_of(static_cast<AllocationReason>(i)));
  for (int i = 0; i < static_cast<int>(kSlotPriorities); ++i)
    names.push_back(name_of(static_cast<SlotPriority>(i)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace rooms
