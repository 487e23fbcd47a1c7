// SPDX-License-Identifier: LGPL-2.1-or-later
// What holds for every request, over seeded random ones.
#include <gtest/gtest.h>

#include "tests/core/allocation/layers.h"

namespace rooms {
namespace {

constexpr int kRounds = 1000;

const LayerOption* option_of(const AllocationSlot& slot, const LayerChoice& layer) {
  for (const auto& option : slot.layers)
    if (option.layer == layer) return &option;
  return nullptr;
}

TEST(AllocatorProperties, TheSumIsUnderTheBudgetAndEveryLayerExists) {
  Random random(1);
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < kRounds; ++round) {
    auto request = random_request(random);
    for (auto& slot : request.slots)
      if (random.one_in(2))
        slot.current =
            LayerChoice{random.between<std::uint8_t>(0, 3), random.between<std::uint8_t>(0, 3)};
    const auto allocation = allocate_bitrate(request);
    ASSERT_EQ(allocation.slots.size(), request.slots.size());
    DataRate sum;
    for (std::size_t i = 0; i < request.slots.size(); ++i) {
      const auto& slot = allocation.slots[i];
      sum = sum + slot.bitrate;
      EXPECT_EQ(slot.layer.has_value(), slot.bitrate > DataRate());
      if (!slot.layer) continue;
      const auto* option = option_of(request.slots[i], *slot.layer);
      ASSERT_NE(option, nullptr);
      EXPECT_EQ(option->bitrate, slot.bitrate);
      EXPECT_FALSE(request.slots[i].paused);
    }
    EXPECT_EQ(sum, allocation.video);
    if (sum > DataRate()) {
      EXPECT_LE(sum + request.audio, request.budget);
    }
    EXPECT_EQ(layers_of(allocation), layers_of(allocate_bitrate(request)));  // deterministic
  }
}

TEST(AllocatorProperties, MoreBudgetNeverGivesLessUnlessToSomebodyOfAtLeastThatPriority) {
  Random random(2);
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < kRounds; ++round) {
    auto request = random_request(random);
    const auto poorer = allocate_bitrate(request);
    request.budget = request.budget + kbps(random.between(0, random.one_in(2) ? 100 : 3000));
    const auto richer = allocate_bitrate(request);
    EXPECT_GE(richer.video, poorer.video);
    for (std::size_t priority = 0; priority < kSlotPriorities; ++priority) {
      bool gained = false;
      bool lost = false;
      for (std::size_t i = 0; i < request.slots.size(); ++i) {
        if (static_cast<std::size_t>(request.slots[i].priority) != priority) continue;
        gained |= richer.slots[i].bitrate > poorer.slots[i].bitrate;
        lost |= richer.slots[i].bitrate < poorer.slots[i].bitrate;
      }
      EXPECT_TRUE(!lost || gained) << layers_of(poorer) << " -> " << layers_of(richer);
      if (gained || lost) break;  // those below may lose to them
    }
  }
}

TEST(AllocatorProperties, NobodyIsPausedForWhoMattersLess) {
  Random random(3);
  SCOPED_TRACE(random.seed());
  const AllocatorConfig config;
  for (int round = 0; round < kRounds; ++round) {
    const auto request = random_request(random);
    const auto allocation = allocate_bitrate(request, config);
    for (std::size_t i = 0; i < request.slots.size(); ++i) {
      if (allocation.slots[i].reason != AllocationReason::kPausedForBudget) continue;
      const auto mine = static_cast<std::size_t>(request.slots[i].priority);
      const auto& slot = request.slots[i];
      const LayerLadder ladder(slot.layers, {slot.tile_pixels, slot.most, slot.most_bitrate,
                                             slot.priority == SlotPriority::kScreen});
      const auto cheapest = ladder.bitrate_at(1);
      // What cannot be seen at all for less is no base, but a wish like others.
      if (cheapest > config.essential[mine]) continue;
      DataRate below;  // what it could have had instead
      for (std::size_t j = 0; j < request.slots.size(); ++j)
        if (static_cast<std::size_t>(request.slots[j].priority) > mine)
          below = below + allocation.slots[j].bitrate;
      EXPECT_LT(below, cheapest) << layers_of(allocation);
    }
  }
}

TEST(AllocatorProperties, EqualsAreAtMostOneStepApart) {
  Random random(4);
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < kRounds; ++round) {
    AllocationRequest request;
    const auto layers = random_layers(random);
    const int slots = random.between(2, 8);
    for (int i = 0; i < slots; ++i) {
      AllocationSlot slot;
      slot.layers = layers;
      request.slots.push_back(slot);
    }
    request.budget = kbps(random.between(0, 8000));
    const auto allocation = allocate_bitrate(request);
    const LayerLadder ladder(layers, {});
    std::size_t lowest = ladder.steps().size();
    std::size_t highest = 0;
    for (const auto& slot : allocation.slots) {
      lowest = std::min(lowest, ladder.level_of(slot.layer));
      highest = std::max(highest, ladder.level_of(slot.layer));
    }
    EXPECT_LE(highest, lowest + 1) << layers_of(allocation);
  }
}

TEST(AllocatorProperties, ABudgetThatJittersByFivePercentFlapsNothing) {
  Random random(5);
  SCOPED_TRACE(random.seed());
  int settling = 0;
  for (int round = 0; round < 100; ++round) {
    auto request = random_request(random);
    request.audio = {};
    const auto budget = request.budget;
    std::string before;
    for (int step = 0; step < 200; ++step) {
      // The extremes first: what has met both has settled.
      const double swing = step < 40 ? step % 2 : random.between(0, 1000) / 1000.0;
      request.budget = budget * (0.95 + 0.1 * swing);
      const auto allocation = allocate_bitrate(request);
      remember(request, allocation);
      const auto now = layers_of(allocation);
      if (step >= 40) {
        EXPECT_EQ(now, before) << "step " << step;
      } else if (now != before) {
        ++settling;
      }
      before = now;
    }
  }
  std::printf("%.1f changes until settled\n", settling / 100.0);
}

TEST(AllocatorProperties, ATileNeverGetsMoreThanTheLowestLayerThatCoversIt) {
  Random random(6);
  SCOPED_TRACE(random.seed());
  for (int round = 0; round < kRounds; ++round) {
    const auto request = random_request(random);
    const auto allocation = allocate_bitrate(request);
    for (std::size_t i = 0; i < request.slots.size(); ++i) {
      const auto& slot = request.slots[i];
      if (!allocation.slots[i].layer || !slot.tile_pixels) continue;
      for (const auto& option : slot.layers) {
        const bool covers = std::uint64_t{option.width} * option.height >= *slot.tile_pixels;
        if (covers && option.bitrate > DataRate()) {
          EXPECT_LE(allocation.slots[i].layer->spatial, option.layer.spatial);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rooms
