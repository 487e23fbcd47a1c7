// SPDX-License-Identifier: LGPL-2.1-or-later
// Which tracks of a room a subscriber is sent, in order of preference: the last N who spoke as
// video, the loudest few as audio. Into which slots they go is decided by `assign_slots`, which
// leaves everybody in place who stays.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

struct CandidateTrack {
  std::string track;
  std::string participant;
  MediaKind kind = MediaKind::kVideo;
  bool is_screen = false;
  bool is_muted = false;
};

struct LastNPolicy {
  /// Most video tracks; nullopt: all.
  std::optional<std::size_t> last_n;
  /// Participants that the client pinned.
  std::vector<std::string> pinned;
  /// The dominant speaker, then who spoke before, latest first.
  std::vector<std::string> speakers;
  /// The audio tracks worth sending; nullopt: all.
  std::optional<std::vector<std::string>> loudest;
};

/// Positions in `candidates` (given in an order that does not change without need, such as
/// arrival): pinned participants first, then screens, then the speakers, then the others, and
/// last what is muted, which would show nothing in the place of somebody who can be seen. Because
/// the order is that of who spoke last, a new speaker takes the place of one other and moves nobody
/// else.
std::vector<std::size_t> select_tracks(const std::vector<CandidateTrack>& candidates,
                                       const LastNPolicy& policy);

}  // namespace rooms
