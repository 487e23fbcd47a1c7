// SPDX-License-Identifier: LGPL-2.1-or-later
// Which track goes into which slot of a subscriber.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

struct SlotContent {
  MediaKind kind = MediaKind::kVideo;
  /// The audio and the video slot of one number are one MediaStream to a browser, which keeps the
  /// two in lip sync: they never show two participants while there is another place.
  std::size_t pair = 0;
  std::string track;    ///< empty: nothing
  bool is_open = true;  ///< false: the peer refused it; it stays empty
};

struct WantedTrack {
  std::string track;
  MediaKind kind = MediaKind::kVideo;
  std::string group = {};  ///< what belongs together in time, see `sync_group`
  std::size_t rank = 0;    ///< whose it is among the participants asked for by name
};

struct SlotRules {
  /// Participants asked for by name; 0: nobody, any track suits any slot. With at least as many
  /// slots of a kind, participant number `rank` has the slot of that number, whether it is there
  /// or not, and what else it sends follows behind; with fewer, the first that are there win.
  std::size_t named = 0;
  /// No slot can be added, so what finds no pair of its own shares one.
  bool is_final = false;
};

struct SlotAssignment {
  std::vector<SlotContent> slots;
  /// Wanted tracks that found no slot.
  std::size_t audio_missing = 0;
  std::size_t video_missing = 0;
};

/// Tracks of one participant are meant to be in sync, but a shared screen is not with the camera's
/// microphone: they would compete for one pair.
std::string sync_group(const std::string& participant, std::string_view label);

/// `wanted` in order of preference: when slots are few, the first ones win. A track that has a slot
/// and is still among the winners keeps it, so that nothing moves without need.
SlotAssignment assign_slots(const std::vector<SlotContent>& slots,
                            const std::vector<WantedTrack>& wanted, const SlotRules& rules);

}  // namespace rooms
