// SPDX-License-Identifier: LGPL-2.1-or-later
// What one mount of the RTSP server takes of a room: at most one picture and one sound, of a
// participant or of the mix. It is taken as long as this lives.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "gst/core/rtp/rtp_profile.h"
#include "pipelines/track_tap.h"

namespace rooms {

struct PlayoutStream {
  Codec codec = Codec::kUnknown;
  std::shared_ptr<TapStream> frames;
  std::function<void()> request_keyframe;  ///< any thread
};

struct Playout {
  unsigned number = 0;  ///< in its room
  std::optional<PlayoutStream> picture;
  std::optional<PlayoutStream> sound;
};

}  // namespace rooms
