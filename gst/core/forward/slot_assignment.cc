// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/slot_assignment.h"

#include <algorithm>

namespace rooms {
namespace {

using Slots = std::vector<SlotContent*>;
using Wishes = std::vector<const WantedTrack*>;

Slots open_slots(std::vector<SlotContent>& slots, MediaKind kind) {
  Slots open;
  for (auto& slot : slots)
    if (slot.kind == kind && slot.is_open) open.push_back(&slot);
  return open;
}

Wishes of_kind(const std::vector<WantedTrack>& wanted, MediaKind kind) {
  Wishes wishes;
  for (const auto& want : wanted)
    if (want.kind == kind) wishes.push_back(&want);
  return wishes;
}

/// Everybody asked for by name has a place; returns how many tracks found none.
std::size_t assign_by_name(const Slots& slots, const Wishes& wanted, std::size_t named) {
  for (auto* slot : slots) slot->track.clear();
  const bool reserved = slots.size() >= named;
  std::size_t next = reserved ? named : 0;
  std::size_t missing = 0;
  for (const auto* want : wanted) {
    if (reserved && want->rank < named && slots[want->rank]->track.empty()) {
      slots[want->rank]->track = want->track;
    } else if (next < slots.size()) {
      slots[next++]->track = want->track;
    } else {
      ++missing;
    }
  }
  return missing;
}

/// Those who are among the winners and have a slot already, or get one; pair by pair.
class PairAssigner {
 public:
  PairAssigner(std::vector<SlotContent>& slots, const std::vector<WantedTrack>& wanted)
      : audio_(open_slots(slots, MediaKind::kAudio)), video_(open_slots(slots, MediaKind::kVideo)) {
    audio_lost_ = keep_winners(audio_, of_kind(wanted, MediaKind::kAudio));
    video_lost_ = keep_winners(video_, of_kind(wanted, MediaKind::kVideo));
    for (const auto& want : wanted)
      if (is_winner(want) && !slot_of(want)) homeless_.push_back(&want);
  }

  void place(bool shares_pairs) {
    for (auto want = homeless_.begin(); want != homeless_.end();) {
      auto* slot = best_place(**want, shares_pairs);
      if (slot) slot->track = (*want)->track;
      want = slot ? homeless_.erase(want) : want + 1;
    }
  }

  [[nodiscard]] std::size_t missing(MediaKind kind) const {
    const auto homeless = std::count_if(homeless_.begin(), homeless_.end(),
                                        [&](const auto* want) { return want->kind == kind; });
    return static_cast<std::size_t>(homeless) +
           (kind == MediaKind::kAudio ? audio_lost_ : video_lost_);
  }

 private:
  /// Empties the slots of all others; returns how many are too many.
  std::size_t keep_winners(const Slots& slots, Wishes wanted) {
    const std::size_t lost = wanted.size() > slots.size() ? wanted.size() - slots.size() : 0;
    wanted.resize(wanted.size() - lost);
    for (auto* slot : slots) {
      const bool stays = std::any_of(wanted.begin(), wanted.end(),
                                     [&](const auto* want) { return want->track == slot->track; });
      if (!stays) slot->track.clear();
    }
    winners_.insert(winners_.end(), wanted.begin(), wanted.end());
    return lost;
  }

  [[nodiscard]] bool is_winner(const WantedTrack& want) const {
    return std::find(winners_.begin(), winners_.end(), &want) != winners_.end();
  }
  [[nodiscard]] const Slots& slots(MediaKind kind) const {
    return kind == MediaKind::kAudio ? audio_ : video_;
  }
  static MediaKind other(MediaKind kind) {
    return kind == MediaKind::kAudio ? MediaKind::kVideo : MediaKind::kAudio;
  }
  [[nodiscard]] const SlotContent* slot_of(const WantedTrack& want) const {
    for (const auto* slot : slots(want.kind))
      if (slot->track == want.track) return slot;
    return nullptr;
  }
  [[nodiscard]] const SlotContent* partner(const SlotContent& slot) const {
    for (const auto* one : slots(other(slot.kind)))
      if (one->pair == slot.pair) return one;
    return nullptr;
  }
  [[nodiscard]] const std::string& group_of(const SlotContent& slot) const {
    static const std::string kNobody;
    for (const auto* want : winners_)
      if (want->track == slot.track) return want->group;
    return kNobody;
  }
  [[nodiscard]] bool awaits_partner(const WantedTrack& want) const {
    return std::any_of(homeless_.begin(), homeless_.end(), [&](const auto* one) {
      return one->kind != want.kind && one->group == want.group;
    });
  }

  /// Best first: beside what belongs with it; a pair that it will fill, no larger than needed; any
  /// pair that is empty; beside somebody else's.
  [[nodiscard]] SlotContent* best_place(const WantedTrack& want, bool shares_pairs) const {
    SlotContent* best = nullptr;
    int best_cost = 4;
    const bool awaits = awaits_partner(want);
    for (auto* slot : slots(want.kind)) {
      if (!slot->track.empty()) continue;
      const auto* beside = partner(*slot);
      int cost = 3;
      if (!beside || beside->track.empty()) {
        cost = awaits == (beside != nullptr) ? 1 : 2;
      } else if (group_of(*beside) == want.group) {
        cost = 0;
      } else if (!shares_pairs) {
        continue;
      }
      if (cost >= best_cost) continue;
      best = slot;
      best_cost = cost;
    }
    return best;
  }

  Slots audio_;
  Slots video_;
  Wishes winners_;
  Wishes homeless_;  // winners without a slot so far
  std::size_t audio_lost_ = 0;
  std::size_t video_lost_ = 0;
};

}  // namespace

std::string sync_group(const std::string& participant, std::string_view label) {
  const bool screen = label == "screen" || label == "screen-audio";
  return screen ? participant + "/screen" : participant;
}

SlotAssignment assign_slots(const std::vector<SlotContent>& slots,
                            const std::vector<WantedTrack>& wanted, const SlotRules& rules) {
  SlotAssignment result;
  result.slots = slots;
  if (rules.named > 0) {
    const auto fill = [&](MediaKind kind) {
      return assign_by_name(open_slots(result.slots, kind), of_kind(wanted, kind), rules.named);
    };
    result.audio_missing = fill(MediaKind::kAudio);
    result.video_missing = fill(MediaKind::kVideo);
    return result;
  }
  PairAssigner assigner(result.slots, wanted);
  assigner.place(false);
  if (rules.is_final) assigner.place(true);
  result.audio_missing = assigner.missing(MediaKind::kAudio);
  result.video_missing = assigner.missing(MediaKind::kVideo);
  return result;
}

}  // namespace rooms
