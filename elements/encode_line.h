// SPDX-License-Identifier: LGPL-2.1-or-later
// Launch lines from what an input of roomsink is to RTP. Elements are called NAME-encoder-0,
// NAME-valve-0, NAME-scaled-0, NAME-sink-0 and so on, by layer from low to high.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gst/core/result.h"
#include "gst/core/units.h"

namespace rooms {

enum class VideoEncoding { kVp8, kVp9, kH264 };

struct EncodeOptions {
  std::string name;
  VideoEncoding encoding = VideoEncoding::kVp8;
  std::size_t layers = 1;  ///< of a raw picture
  DataRate audio_bitrate = DataRate::kilobits_per_second(48);
  bool sync = true;
};

struct EncodeLine {
  std::string text;
  std::size_t layers = 1;
  bool encodes_video = false;
};

/// Errors: "caps" (not what roomsink takes), "plugin-missing".
Result<EncodeLine> encode_line(const GstCaps* caps, const EncodeOptions& options);

}  // namespace rooms
