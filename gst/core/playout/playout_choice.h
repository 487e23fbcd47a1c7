// SPDX-License-Identifier: LGPL-2.1-or-later
// Which tracks of a participant its RTSP mount carries, and when that is over: what a player was
// told of a stream cannot be changed while it plays.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

/// Of one participant.
struct PlayableTrack {
  std::string id;
  MediaKind kind = MediaKind::kVideo;
  std::string label;
  Codec codec = Codec::kUnknown;
  bool muted = false;
  bool playable = true;  ///< there is a way to send its codec
};

struct PlayoutChoice {
  struct Track {
    std::string id;
    Codec codec = Codec::kUnknown;
    bool operator==(const Track&) const = default;
  };
  /// A camera before other pictures. None while it is muted: there is no keyframe to tell of.
  std::optional<Track> picture;
  /// A microphone before other sounds, muted or not.
  std::optional<Track> sound;
};

PlayoutChoice choose_playout(const std::vector<PlayableTrack>& tracks);

/// Why what was chosen can go on no longer, now that these are the participant's tracks (none: it
/// has left). Empty: it goes on, if need be without one of the two. `lost`: of the two, what has
/// gone before.
struct PlayoutLoss {
  bool picture = false;
  bool sound = false;
};
std::string end_of_playout(const PlayoutChoice& chosen, PlayoutLoss& lost,
                           const std::vector<PlayableTrack>& tracks);

}  // namespace rooms
