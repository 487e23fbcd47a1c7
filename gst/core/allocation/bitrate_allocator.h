// SPDX-License-Identifier: LGPL-2.1-or-later
// One budget over all that a subscriber is shown: which layer each slot gets, and why. A pure
// function; what it must remember (the layers of before) is an argument.
//
// In this order, each step only if it fits:
//   1. audio;
//   2. screens until they can be read, then the lowest layer of every slot, by priority, so that
//      pausing is the last thing that happens;
//   3. by priority, what makes a slot useful at all (`essential`);
//   4. better layers, by priority. Slots of one priority rise together, the one with the lowest
//      rate first.
// So more budget never gives a slot less, unless one of the same or a higher priority gets more;
// and the total never falls.
//
// Nothing flaps: a layer that flows needs the budget, one that does not flow yet needs
// `raise_margin` besides. An estimate that swings by less changes nothing. A larger picture (but of
// a screen) begins to flow only on a line that could carry its whole frame rate.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gst/core/allocation/layer_ladder.h"
#include "gst/core/units.h"

namespace rooms {

enum class SlotPriority : std::uint8_t { kScreen, kActiveSpeaker, kPinned, kOther };
constexpr std::size_t kSlotPriorities = 4;

struct AllocationSlot {
  SlotPriority priority = SlotPriority::kOther;
  std::vector<LayerOption> layers;
  /// Pixels of the client's tile; 0: it is not visible. nullopt: not known.
  std::optional<std::uint64_t> tile_pixels;
  std::optional<LayerChoice> most;  ///< the client's limit; a layer that does not exist is no limit
  DataRate most_bitrate = DataRate::unlimited();  ///< likewise
  bool paused = false;                            ///< by the client
  std::optional<LayerChoice> held;     ///< it should not rise above that for the time being
  std::optional<LayerChoice> current;  ///< what it was given last
};

struct AllocationRequest {
  DataRate budget;  ///< what the line carries, as estimated
  DataRate audio;   ///< what audio takes of it, always
  std::vector<AllocationSlot> slots;
  /// Larger pictures that flow may go on up to this part of the budget; frame rates give way first.
  double grace = 1;
};

struct AllocatorConfig {
  /// Part of the budget that is given away, 0..1: the estimate errs, and headers and
  /// retransmissions need something.
  double headroom = 0.99;
  /// Part of it that must stay free after a rise, 0..1.
  double raise_margin = 0.10;
  /// The same for a higher frame rate, which costs no keyframe; no more than `raise_margin`.
  double faster_margin = 0.10;
  /// By priority: below this rate a slot is served before anybody is improved.
  std::array<DataRate, kSlotPriorities> essential{
      DataRate::kilobits_per_second(600), DataRate::kilobits_per_second(300),
      DataRate::kilobits_per_second(300), DataRate::kilobits_per_second(150)};
};

/// Why a slot has what it has.
enum class AllocationReason : std::uint8_t {
  kTopLayer,         ///< nothing better comes from the publisher
  kTileCovered,      ///< a larger layer would not be seen in this tile
  kClientLimit,      ///< the client wants no better one
  kBudget,           ///< the next step does not fit
  kRaiseMargin,      ///< the next step would fit, but only just
  kOthersFirst,      ///< the next step would fit, but others lack the essential
  kPausedForBudget,  ///< not even the lowest layer fits
  kPausedByClient,
  kNotVisible,  ///< the tile has no pixels
  kNoLayers,    ///< nothing comes from the publisher
};
std::string_view name_of(AllocationReason reason);
std::string_view name_of(SlotPriority priority);

struct SlotAllocation {
  std::optional<LayerChoice> layer;  ///< nullopt: paused
  DataRate bitrate;
  AllocationReason reason = AllocationReason::kNoLayers;

  bool operator==(const SlotAllocation&) const = default;
};

struct Allocation {
  std::vector<SlotAllocation> slots;  ///< as in the request
  DataRate video;                     ///< given to all of them
};

Allocation allocate_bitrate(const AllocationRequest& request, const AllocatorConfig& config = {});

}  // namespace rooms
