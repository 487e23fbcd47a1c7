// SPDX-License-Identifier: LGPL-2.1-or-later
// What a real encoder made, to be sent in a loop: for servers that decode.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/result.h"

namespace rooms::load {

struct RecordedPacket {
  std::vector<std::uint8_t> payload;
  bool marker = false;
};

/// Packets of one RTP timestamp.
using RecordedFrame = std::vector<RecordedPacket>;

/// From the first frame, which a decoder can begin with, to the last.
class RecordedMedia {
 public:
  /// RTP packets of one stream, each behind its length in two bytes (RFC 4571), as the GStreamer
  /// elements `rtpstreampay ! filesink buffer-mode=unbuffered` write them (its buffering of 1.22
  /// loses parts of buffers). Error "bad-file": not that, nothing in it, or payloads of more than
  /// VideoSource::kMaxPayload bytes.
  static Result<std::shared_ptr<const RecordedMedia>> read(const std::string& path);

  [[nodiscard]] const RecordedFrame& frame(std::size_t index) const {
    return frames_[index % frames_.size()];
  }
  [[nodiscard]] std::size_t frames() const { return frames_.size(); }

 private:
  std::vector<RecordedFrame> frames_;
};

}  // namespace rooms::load
