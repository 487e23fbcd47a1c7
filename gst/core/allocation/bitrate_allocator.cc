// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/bitrate_allocator.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr std::size_t kTopLevel = 1000;

enum class Verdict : std::uint8_t { kTaken, kTooMuch, kTooClose, kOthersFirst };

struct Contender {
  LayerLadder ladder;
  std::size_t priority;
  std::size_t before;  // level it was given last
  std::size_t level = 0;
  std::optional<Verdict> refused = {};

  [[nodiscard]] DataRate bitrate() const { return ladder.bitrate_at(level); }
  [[nodiscard]] bool is_complete() const { return level == ladder.steps().size(); }
};

class Allocator {
 public:
  Allocator(const AllocationRequest& request, const AllocatorConfig& config) : config_(config) {
    const auto whole = request.budget * std::clamp(config.headroom, 0.0, 1.0);
    const auto without = [&](double margin) {
      return std::max(whole * (1 - std::clamp(margin, 0.0, 1.0)) - request.audio, DataRate());
    };
    keep_ = std::max(whole - request.audio, DataRate());
    keep_size_ = std::max(whole * request.grace - request.audio, DataRate());
    raise_ = without(config.raise_margin);
    faster_ = without(std::min(config.faster_margin, config.raise_margin));
    for (const auto& slot : request.slots) {
      const LadderRules rules{slot.tile_pixels, slot.most, slot.most_bitrate,
                              slot.priority == SlotPriority::kScreen, slot.held};
      const bool shown = !slot.paused && slot.tile_pixels != std::uint64_t{0};
      LayerLadder ladder(shown ? slot.layers : std::vector<LayerOption>{}, rules);
      const auto before = ladder.level_of(slot.current);
      contenders_.push_back({std::move(ladder), static_cast<std::size_t>(slot.priority), before});
    }
  }

  void run() {
    const auto all_rise = [&](bool essential, std::size_t highest_level) {
      for (std::size_t priority = 0; priority < kSlotPriorities; ++priority) {
        const bool readable = priority == static_cast<std::size_t>(SlotPriority::kScreen);
        rise(priority, essential ? config_.essential[priority] : DataRate::unlimited(),
             readable ? kTopLevel : highest_level);
      }
    };
    all_rise(true, 1);
    all_rise(true, kTopLevel);
    all_rise(false, kTopLevel);
  }

  [[nodiscard]] const std::vector<Contender>& contenders() const { return contenders_; }
  [[nodiscard]] DataRate used() const { return used_; }

 private:
  /// The slots of one priority together, the lowest first, as long as their rate stays within
  /// `limit`. Once one is refused for want of budget, the others rise no higher than it would have.
  void rise(std::size_t priority, DataRate limit, std::size_t highest_level) {
    // Who is improved while others lack the essential would have to give it back as soon as a
    // little more budget serves them.
    const bool may_raise = priority >= lacking_;
    for (auto& contender : contenders_)
      if (contender.priority == priority) contender.refused.reset();
    auto ceiling = limit;
    while (auto* lowest = lowest_that_may_rise(priority, ceiling, highest_level)) {
      const auto verdict = consider(*lowest, may_raise);
      if (verdict == Verdict::kTaken) continue;
      lowest->refused = verdict;
      if (verdict == Verdict::kOthersFirst) continue;
      ceiling = std::min(ceiling, lowest->ladder.bitrate_at(lowest->level + 1));
      if (limit < DataRate::unlimited()) lacking_ = std::max(lacking_, priority);
    }
  }

  Contender* lowest_that_may_rise(std::size_t priority, DataRate limit, std::size_t highest_level) {
    Contender* lowest = nullptr;
    for (auto& contender : contenders_) {
      if (contender.priority != priority || contender.refused || contender.is_complete()) continue;
      if (contender.level >= highest_level) continue;
      if (contender.ladder.bitrate_at(contender.level + 1) > limit) continue;
      if (!lowest || contender.bitrate() < lowest->bitrate()) lowest = &contender;
    }
    return lowest;
  }

  Verdict consider(Contender& contender, bool may_raise) {
    const auto next = contender.ladder.bitrate_at(contender.level + 1);
    const auto after = used_ + (next - contender.bitrate());
    const bool flows = contender.level < contender.before;
    const bool is_larger = contender.ladder.is_larger_at(contender.level + 1);
    const bool keeps_size = flows && is_larger;
    const bool is_faster = contender.level > 0 && !is_larger;
    if (after > (keeps_size ? keep_size_ : keep_)) return Verdict::kTooMuch;
    if (!flows && !may_raise) return Verdict::kOthersFirst;
    if (!flows && (after > (is_faster ? faster_ : raise_) || is_too_large(contender)))
      return Verdict::kTooClose;
    used_ = after;
    ++contender.level;
    return Verdict::kTaken;
  }

  /// A larger picture begins with a keyframe, which a line that could not carry its whole frame
  /// rate even alone is busy with for most of a second. One that is there may lose half of it.
  [[nodiscard]] bool is_too_large(const Contender& contender) const {
    const auto next = contender.level + 1;
    const bool is_screen = contender.priority == static_cast<std::size_t>(SlotPriority::kScreen);
    if (is_screen || !contender.ladder.is_larger_at(next)) return false;
    return contender.ladder.full_bitrate_at(next) > raise_;
  }

  const AllocatorConfig& config_;
  std::vector<Contender> contenders_;
  DataRate keep_;
  DataRate keep_size_;
  DataRate raise_;
  DataRate faster_;
  DataRate used_;
  std::size_t lacking_ = 0;  // lowest priority (highest number) that lacks the essential
};

AllocationReason reason_of(const AllocationSlot& slot, const Contender& contender) {
  if (slot.paused) return AllocationReason::kPausedByClient;
  if (slot.tile_pixels == std::uint64_t{0}) return AllocationReason::kNotVisible;
  if (contender.ladder.steps().empty()) return AllocationReason::kNoLayers;
  if (contender.level == 0) return AllocationReason::kPausedForBudget;
  if (!contender.is_complete()) {
    if (contender.refused == Verdict::kTooClose) return AllocationReason::kRaiseMargin;
    if (contender.refused == Verdict::kOthersFirst) return AllocationReason::kOthersFirst;
    return AllocationReason::kBudget;
  }
  switch (contender.ladder.top()) {
    case LayerLadder::Top::kTile:
      return AllocationReason::kTileCovered;
    case LayerLadder::Top::kClientLimit:
      return AllocationReason::kClientLimit;
    case LayerLadder::Top::kHeld:
      return AllocationReason::kRaiseMargin;
    case LayerLadder::Top::kAllThereIs:
      break;
  }
  return AllocationReason::kTopLayer;
}

}  // namespace

std::string_view name_of(AllocationReason reason) {
  switch (reason) {
    case AllocationReason::kTopLayer:
      return "top-layer";
    case AllocationReason::kTileCovered:
      return "tile-covered";
    case AllocationReason::kClientLimit:
      return "client-limit";
    case AllocationReason::kBudget:
      return "budget";
    case AllocationReason::kRaiseMargin:
      return "raise-margin";
    case AllocationReason::kOthersFirst:
      return "others-first";
    case AllocationReason::kPausedForBudget:
      return "paused-for-budget";
    case AllocationReason::kPausedByClient:
      return "paused-by-client";
    case AllocationReason::kNotVisible:
      return "not-visible";
    case AllocationReason::kNoLayers:
      break;
  }
  return "no-layers";
}

std::string_view name_of(SlotPriority priority) {
  switch (priority) {
    case SlotPriority::kScreen:
      return "screen";
    case SlotPriority::kActiveSpeaker:
      return "active-speaker";
    case SlotPriority::kPinned:
      return "pinned";
    case SlotPriority::kOther:
      break;
  }
  return "other";
}

Allocation allocate_bitrate(const AllocationRequest& request, const AllocatorConfig& config) {
  Allocator allocator(request, config);
  allocator.run();
  Allocation allocation;
  allocation.video = allocator.used();
  for (std::size_t i = 0; i < request.slots.size(); ++i) {
    const auto& contender = allocator.contenders()[i];
    SlotAllocation slot;
    slot.reason = reason_of(request.slots[i], contender);
    slot.bitrate = contender.bitrate();
    if (contender.level > 0) slot.layer = contender.ladder.steps()[contender.level - 1].layer;
    allocation.slots.push_back(slot);
  }
  return allocation;
}

}  // namespace rooms
