// SPDX-License-Identifier: LGPL-2.1-or-later
// One outgoing stream: which packet of which encoding goes out, and under which numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/codec/frame_info.h"
#include "gst/core/forward/drop_reason.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/forward/rtp_rewriter.h"
#include "gst/core/forward/vp8_rewriter.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/time.h"

namespace rooms {

/// One incoming stream of packets: a track, or one layer of it. Never reused while a router lives;
/// 0: none.
using EncodingId = std::uint32_t;

struct EncodingFormat {
  MediaKind kind = MediaKind::kApplication;
  Codec codec = Codec::kUnknown;
  std::uint32_t clock_rate = 90000;

  bool operator==(const EncodingFormat&) const = default;
};

struct Decision {
  bool forward = false;
  bool switched = false;  ///< with this packet another encoding, or another format, begins to flow
  bool wants_keyframe = false;  ///< of the encoding this packet belongs to
  DropReason reason = DropReason::kNone;
  RtpPatch patch;
  std::uint64_t extended_sequence = 0;
};

/// The wanted encoding takes over with its first keyframe (at once where frames do not depend on
/// each other, as in audio); until then the one that flows goes on. Not thread-safe: calls come in
/// the order of the wire.
class OutputStream {
 public:
  explicit OutputStream(RtpStart start) : rtp_(start) {}

  /// 0: nothing. What flows now and is not wanted any more stops at once then.
  void want(EncodingId encoding);
  void pause(bool paused);
  /// Frames above it are left out, and their numbers closed up. Rises only where the stream allows
  /// it.
  void limit_temporal(std::uint8_t highest) { temporal_limit_ = highest; }
  void set_ssrc(std::uint32_t ssrc) { rtp_.set_ssrc(ssrc); }
  /// Its consumer lost packets: the decoder behind it has to begin anew.
  void lost_room() { waiting_ = true; }

  Decision consider(EncodingId encoding, const EncodingFormat& format, const RtpHeader& packet,
                    const FrameInfo& frame, Timestamp now);

  [[nodiscard]] EncodingId wanted() const { return wanted_; }
  [[nodiscard]] EncodingId current() const { return current_; }
  [[nodiscard]] bool paused() const { return paused_; }
  /// Would a keyframe of the wanted encoding change anything?
  [[nodiscard]] bool waits() const {
    return !paused_ && wanted_ != 0 && (waiting_ || current_ != wanted_);
  }
  [[nodiscard]] const RtpRewriter& rtp() const { return rtp_; }

 private:
  [[nodiscard]] bool continues(EncodingId encoding, const EncodingFormat& format,
                               const RtpHeader& packet) const;
  /// True if the outgoing stream changes its source by it.
  bool join(EncodingId encoding, const EncodingFormat& format, const RtpHeader& packet,
            const FrameInfo& frame, Timestamp now);
  bool above_temporal_limit(const FrameInfo& frame);

  static constexpr std::uint8_t kAllTemporal = 255;

  RtpRewriter rtp_;
  Vp8Rewriter vp8_;
  EncodingId wanted_ = 0;
  EncodingId current_ = 0;
  EncodingFormat format_;          // of current_
  std::uint32_t source_ssrc_ = 0;  // of current_
  bool paused_ = false;
  bool waiting_ = true;  // current_ has been interrupted
  std::uint8_t temporal_limit_ = kAllTemporal;
  std::uint8_t temporal_now_ =
      kAllTemporal;  // what flows; follows the limit where the stream allows it
};

}  // namespace rooms
