// SPDX-License-Identifier: LGPL-2.1-or-later
// A frame as it left the encoder, and what a decoder must know before the first one: what is left
// of RTP when packets have been put together.
#pragma once

#include <cstdint>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"
#include "gst/core/time.h"

namespace rooms {

/// What a container says of a stream before its first frame.
struct StreamSetup {
  Codec codec = Codec::kUnknown;
  std::uint16_t width = 0;  ///< of video
  std::uint16_t height = 0;
  std::uint8_t channels = 0;  ///< of audio
  std::uint32_t sample_rate = 0;
  /// avcC of H.264, av1C of AV1, the body of vpcC of VP9, AudioSpecificConfig of AAC, nothing of
  /// the others.
  std::vector<std::uint8_t> record;

  bool operator==(const StreamSetup&) const = default;
  [[nodiscard]] bool is_video() const { return width != 0; }
};

/// What there is to say of sound in a codec of a room. RED is told as what it carries, Opus.
StreamSetup setup_of_sound(Codec codec);

/// H.264 as NAL units behind their length in four bytes (ISO/IEC 14496-15), AV1 as OBUs with a
/// size, everything else as in its RTP payload.
struct EncodedFrame {
  Timestamp time;  ///< of presentation; of audio its first sample
  bool keyframe = false;
  std::vector<std::uint8_t> data;
  StreamSetup setup;  ///< with keyframes only
};

}  // namespace rooms
