// SPDX-License-Identifier: LGPL-2.1-or-later
// Which track goes into which slot of a subscriber.
#pragma once

#include <string>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

struct SlotContent {
  MediaKind kind = MediaKind::kVideo;
  std::string track;  ///< empty: nothing
};

struct WantedTrack {
  std::string track;
  MediaKind kind = MediaKind::kVideo;
};

struct SlotAssignment {
  std::vector<SlotContent> slots;
  /// Wanted tracks that found no slot.
  std::size_t audio_missing = 0;
  std::size_t video_missing = 0;
};

/// `wanted` in order of preference: when slots are few, the first ones win. A track that has a slot
/// and is still among the winners keeps it, so that nothing moves without need. `in_order`: the
/// n-th wanted track of a kind goes into the n-th slot of that kind instead (what a player asked
/// for by name).
SlotAssignment assign_slots(const std::vector<SlotContent>& slots,
                            const std::vector<WantedTrack>& wanted, bool in_order);

}  // namespace rooms
