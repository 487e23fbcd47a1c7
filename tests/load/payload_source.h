// SPDX-License-Identifier: LGPL-2.1-or-later
// Payloads that look like an encoder's: right descriptors, NAL units, frame headers and sizes,
// noise instead of pictures.
#pragma once

#include <cstdint>
#include <memory>

#include "gst/core/bytes.h"
#include "gst/core/rtp/rtp_profile.h"
#include "tests/load/recorded_media.h"

namespace rooms::load {

struct VideoSettings {
  Codec codec = Codec::kVp8;        ///< kVp8 or kH264
  std::uint32_t bitrate = 1000000;  ///< of the payloads, in bit/s
  std::uint32_t fps = 30;
  std::uint16_t width = 640;
  std::uint16_t height = 480;
};

struct Payload {
  std::size_t size = 0;
  bool marker = false;  ///< last one of its frame
};

/// One encoding of one camera. Use: begin_frame, then next() until pending() is false.
class VideoSource {
 public:
  static constexpr std::size_t kMaxPayload = 1160;
  /// A keyframe takes as much as this many delta frames, which are smaller afterwards until the
  /// bit rate is right again.
  static constexpr std::uint32_t kKeyframeFactor = 6;

  /// `recorded`: sent in a loop in place of noise; keyframes come when its first frame does.
  VideoSource(const VideoSettings& settings, std::uint32_t seed,
              std::shared_ptr<const RecordedMedia> recorded = nullptr);

  /// The next frame will be a keyframe.
  void request_keyframe() { keyframe_wanted_ = true; }
  /// What is left of the frame before is dropped.
  void begin_frame();
  [[nodiscard]] bool pending() const { return rest_ > 0 || parameter_sets_due_; }
  [[nodiscard]] bool is_keyframe() const { return keyframe_; }
  /// Writes one payload; its last kStampSize bytes are for the caller. `out` has kMaxPayload bytes.
  Payload next(MutableBytes out);

 private:
  [[nodiscard]] std::size_t frame_size();
  std::size_t write_vp8(MutableBytes out, std::size_t share);
  std::size_t write_h264(MutableBytes out, std::size_t share);
  std::size_t write_parameter_sets(MutableBytes out) const;
  void fill(MutableBytes out);

  Payload next_recorded(MutableBytes out);

  VideoSettings settings_;
  std::shared_ptr<const RecordedMedia> recorded_;
  std::size_t frames_ = 0;  ///< of the recorded, begun
  std::uint32_t random_;
  bool keyframe_wanted_ = true;
  bool keyframe_ = false;
  bool frame_start_ = false;
  bool parameter_sets_due_ = false;
  std::size_t size_ = 0;      ///< of the frame
  std::size_t rest_ = 0;      ///< of it, not written yet
  std::size_t packets_ = 0;   ///< it is still to be cut into
  std::int64_t debt_ = 0;     ///< bytes that keyframes took beyond the bit rate
  std::uint16_t picture_id_;  ///< 15 bits
};

/// One Opus packet of 20 ms (RFC 6716 3.1): CELT, fullband, mono, code 0. Its last kStampSize bytes
/// are for the caller.
void write_opus(MutableBytes payload);
constexpr std::size_t kOpusPayload = 80;  // 32 kbit/s

}  // namespace rooms::load
