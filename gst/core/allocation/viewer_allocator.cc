// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/viewer_allocator.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

/// So that what must fit does.
constexpr double kRounding = 1.01;

constexpr std::uint8_t kAnyTemporal = 7;

bool is_recent(const std::optional<Timestamp>& event, Duration time, Timestamp now) {
  return event && now - *event < time;
}

/// The cheapest that shows anything; nullptr: nothing comes.
const LayerOption* lowest_of(const AllocationSlot& wish) {
  const LayerOption* lowest = nullptr;
  for (const auto& option : wish.layers) {
    if (option.bitrate <= DataRate()) continue;
    if (!lowest || option.layer < lowest->layer) lowest = &option;
  }
  return lowest;
}

bool is_shown(const AllocationSlot& wish) {
  return !wish.paused && wish.tile_pixels != std::uint64_t{0};
}

bool makes_smaller(const AllocationRequest& request, const Allocation& allocation) {
  for (std::size_t i = 0; i < request.slots.size(); ++i) {
    const auto& before = request.slots[i].current;
    const auto& now = allocation.slots[i];
    const bool for_budget = now.reason == AllocationReason::kBudget;
    if (for_budget && before && now.layer && now.layer->spatial < before->spatial) return true;
  }
  return false;
}

DataRate wanted_by(AllocationRequest request, const AllocatorConfig& config) {
  request.budget = DataRate::unlimited();
  return allocate_bitrate(request, config).video + request.audio;
}

}  // namespace

bool ViewerAllocator::is_unlimited(const LineState& line, Timestamp now) const {
  if (line.estimating) return false;
  return !line.will_tell || !is_recent(begun_, config_.promise, now);
}

DataRate ViewerAllocator::budget(const LineState& line, const AllocationRequest& request,
                                 Timestamp now) const {
  if (is_unlimited(line, now)) return DataRate::unlimited();
  if (known_since_ && !is_recent(known_since_, config_.settling, now)) return line.estimate;
  // Not known well enough to pause anybody.
  auto least = request.audio;
  for (const auto& slot : request.slots)
    if (const auto* lowest = lowest_of(slot); lowest && is_shown(slot))
      least = least + lowest->bitrate;
  const auto& shares = config_.shares;
  const double given = shares.headroom * (1 - shares.raise_margin);
  return std::max(line.estimate, least * (kRounding / std::max(given, 0.1)));
}

void ViewerAllocator::restrain(AllocationSlot& wish, const Memory& memory, Timestamp now) const {
  wish.current = memory.given;
  if (!memory.given || !is_recent(memory.fell_at, memory.no_rise, now)) return;
  wish.held = *memory.given;
  // A higher frame rate costs no keyframe: if it was too much, little is lost.
  if (!is_recent(memory.fell_at, config_.no_faster, now)) wish.held->temporal = kAnyTemporal;
}

AllocatorConfig ViewerAllocator::shares(Timestamp now) const {
  auto shares = config_.shares;
  if (is_recent(fell_at_, careful_, now)) shares.faster_margin = shares.raise_margin;
  return shares;
}

Allocation ViewerAllocator::divide(AllocationRequest& request, Timestamp now) {
  auto strict = allocate_bitrate(request, shares(now));
  if (!makes_smaller(request, strict)) {
    dips_since_.reset();
    return strict;
  }
  if (!dips_since_) dips_since_ = now;
  if (now - *dips_since_ >= config_.dip) return strict;
  request.grace = config_.grace;
  return allocate_bitrate(request, shares(now));
}

void ViewerAllocator::space_rises(const AllocationRequest& request, Timestamp now) {
  for (std::size_t i = 0; i < request.slots.size(); ++i) {
    const auto& before = request.slots[i].current;
    auto& share = allocation_.slots[i];
    if (!before || !share.layer || share.layer->spatial <= before->spatial) continue;
    if (!is_recent(larger_at_, config_.spacing, now)) {
      larger_at_ = now;
      continue;
    }
    const auto& layers = request.slots[i].layers;
    const auto same = std::find_if(layers.begin(), layers.end(),
                                   [&](const auto& option) { return option.layer == *before; });
    if (same != layers.end()) share = {same->layer, same->bitrate, AllocationReason::kRaiseMargin};
  }
}

void ViewerAllocator::note_change(const SlotAllocation& share, Memory& memory, Timestamp now) {
  const auto before = std::exchange(memory.given, share.layer);
  if (!share.layer || !before || *share.layer == *before) return;
  if (*share.layer > *before) {
    memory.rose_at = now;
    if (share.layer->spatial == before->spatial) faster_at_ = now;
  } else if (share.reason == AllocationReason::kBudget) {
    const bool in_vain = is_recent(memory.rose_at, config_.soon, now);
    if (in_vain)
      memory.no_rise = std::clamp(memory.no_rise * 2, config_.no_rise, config_.longest_no_rise);
    else if (!is_recent(memory.fell_at, memory.no_rise, now))
      memory.no_rise = config_.no_rise;
    // One rise explains one fall, not those that follow while the line's queue drains.
    memory.rose_at.reset();
    memory.fell_at = now;
    if (fell_at_ != now) {
      const bool too_fast = is_recent(faster_at_, config_.soon, now);
      careful_ = std::clamp(too_fast ? careful_ * 2 : Duration{}, config_.careful,
                            config_.longest_careful);
      faster_at_.reset();
    }
    fell_at_ = now;
  }
}

void ViewerAllocator::conclude(SlotAllocation& share, const AllocationSlot& wish, Memory& memory,
                               Timestamp now) {
  if (share.reason == AllocationReason::kPausedForBudget) {
    if (!memory.short_since) memory.short_since = now;
    const auto* lowest = lowest_of(wish);
    if (memory.given && lowest && is_recent(memory.short_since, config_.patience, now)) {
      share = {lowest->layer, lowest->bitrate, AllocationReason::kBudget};
    } else if (!memory.paused_at) {
      memory.paused_at = now;
    }
  } else {
    memory.short_since.reset();
    if (share.layer && is_recent(memory.paused_at, config_.least_pause, now))
      share = {std::nullopt, DataRate(), AllocationReason::kPausedForBudget};
    if (share.layer) memory.paused_at.reset();
  }
  note_change(share, memory, now);
}

void ViewerAllocator::retry(const AllocationRequest& request,
                            const std::vector<std::string>& tracks, Timestamp now) {
  const auto& shares = allocation_.slots;
  const auto flows = [](const auto& share) { return share.layer.has_value(); };
  if (request.audio > DataRate() || std::any_of(shares.begin(), shares.end(), flows)) return;
  if (is_recent(tried_at_, config_.patience + config_.retry, now)) return;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto& memory = memories_[tracks[i]];
    const auto* lowest = lowest_of(request.slots[i]);
    const bool rests = memory.paused_at && !is_recent(memory.paused_at, config_.retry, now);
    if (!rests || !lowest || shares[i].reason != AllocationReason::kPausedForBudget) continue;
    tried_at_ = now;
    memory.paused_at.reset();
    memory.short_since = now;
    memory.given = lowest->layer;
    allocation_.slots[i] = {lowest->layer, lowest->bitrate, AllocationReason::kBudget};
    allocation_.video = lowest->bitrate;
    return;
  }
}

const Allocation& ViewerAllocator::update(const LineState& line, DataRate audio,
                                          std::vector<Slot> slots, Timestamp now) {
  if (!begun_) begun_ = now;
  if (line.estimating && !known_since_) known_since_ = now;
  AllocationRequest request;
  request.audio = audio;
  for (auto& slot : slots) request.slots.push_back(std::move(slot.wish));
  wanted_ = wanted_by(request, config_.shares);
  request.budget = budget(line, request, now);

  std::map<std::string, Memory> memories;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto known = memories_.find(slots[i].track);
    auto& memory = memories[slots[i].track];
    if (known != memories_.end()) memory = known->second;
    restrain(request.slots[i], memory, now);
  }
  allocation_ = divide(request, now);
  if (!is_unlimited(line, now)) space_rises(request, now);
  allocation_.video = DataRate();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    conclude(allocation_.slots[i], request.slots[i], memories[slots[i].track], now);
    allocation_.video = allocation_.video + allocation_.slots[i].bitrate;
  }
  memories_ = std::move(memories);
  std::vector<std::string> tracks;
  for (const auto& slot : slots) tracks.push_back(slot.track);
  retry(request, tracks, now);
  return allocation_;
}

}  // namespace rooms
