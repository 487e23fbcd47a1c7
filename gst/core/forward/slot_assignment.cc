// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/slot_assignment.h"

#include <algorithm>

namespace rooms {
namespace {

/// Fills the slots of one kind; returns how many wanted tracks were left over.
std::size_t assign(std::vector<SlotContent*> slots, std::vector<std::string> wanted,
                   bool in_order) {
  const std::size_t missing = wanted.size() > slots.size() ? wanted.size() - slots.size() : 0;
  wanted.resize(wanted.size() - missing);
  if (in_order) {
    for (std::size_t i = 0; i < slots.size(); ++i)
      slots[i]->track = i < wanted.size() ? wanted[i] : "";
    return missing;
  }
  for (auto* slot : slots) {
    const auto kept = std::find(wanted.begin(), wanted.end(), slot->track);
    if (slot->track.empty() || kept == wanted.end()) {
      slot->track.clear();
    } else {
      wanted.erase(kept);
    }
  }
  auto next = wanted.begin();
  for (auto* slot : slots)
    if (slot->track.empty() && next != wanted.end()) slot->track = *next++;
  return missing;
}

}  // namespace

SlotAssignment assign_slots(const std::vector<SlotContent>& slots,
                            const std::vector<WantedTrack>& wanted, bool in_order) {
  SlotAssignment result;
  result.slots = slots;
  const auto fill = [&](MediaKind kind) {
    std::vector<SlotContent*> of_kind;
    std::vector<std::string> tracks;
    for (auto& slot : result.slots)
      if (slot.kind == kind) of_kind.push_back(&slot);
    for (const auto& want : wanted)
      if (want.kind == kind) tracks.push_back(want.track);
    return assign(std::move(of_kind), std::move(tracks), in_order);
  };
  result.audio_missing = fill(MediaKind::kAudio);
  result.video_missing = fill(MediaKind::kVideo);
  return result;
}

}  // namespace rooms
