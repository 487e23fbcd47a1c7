// SPDX-License-Identifier: LGPL-2.1-or-later
// One outgoing stream: which packet of which encoding goes out, and under which numbers.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/codec/frame_info.h"
#include "gst/core/forward/drop_reason.h"
#include "gst/core/forward/frame_number_rewriter.h"
#include "gst/core/forward/layer_filter.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/forward/rtp_rewriter.h"
#include "gst/core/forward/vp8_rewriter.h"
#include "gst/core/forward/vp9_rewriter.h"
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

/// One incoming packet, looked at once for all outputs.
struct SourcePacket {
  EncodingId encoding = 0;
  /// Layers of one track, pictures of the same moments, have the same number. 0: of no track.
  std::uint32_t track = 0;
  EncodingFormat format;
  RtpHeader header;
  FrameInfo frame;
  std::optional<Timestamp> captured;  ///< of its picture, on a timeline that layers share
  Timestamp now;
};

struct Decision {
  bool forward = false;
  bool switched = false;  ///< with this packet another encoding, or another format, begins to flow
  bool layer_changed = false;   ///< another spatial layer of the same encoding
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
  /// Resumes with what is wanted then, and nothing of what flowed before.
  void pause(bool paused);
  /// Frames of higher layers are left out, and their numbers closed up. Rises only where the stream
  /// allows it. Layers of one encoding, that is: those of simulcast are encodings to `want`.
  void limit_layers(LayerTarget highest) { layers_.limit(highest); }
  void set_ssrc(std::uint32_t ssrc) { rtp_.set_ssrc(ssrc); }
  /// Its consumer lost packets: the decoder behind it has to begin anew.
  void lost_room() { waiting_ = true; }

  Decision consider(const SourcePacket& packet);

  [[nodiscard]] EncodingId wanted() const { return wanted_; }
  [[nodiscard]] EncodingId current() const { return current_; }
  [[nodiscard]] bool paused() const { return paused_; }
  /// Would a keyframe of the wanted encoding change anything?
  [[nodiscard]] bool waits() const {
    return !paused_ && wanted_ != 0 && (waiting_ || current_ != wanted_);
  }
  [[nodiscard]] const RtpRewriter& rtp() const { return rtp_; }
  /// The highest spatial layer that flows, of an encoding that has several; else 0.
  [[nodiscard]] std::uint8_t spatial_layer() const {
    return layered_ ? layers_.target().spatial : 0;
  }
  [[nodiscard]] std::uint8_t temporal_layer() const {
    return layered_ ? layers_.target().temporal : 0;
  }

 private:
  /// A moment, and its timestamp in the outgoing stream.
  struct Anchor {
    Timestamp captured;
    Timestamp arrived;
    std::uint32_t timestamp = 0;
  };
  [[nodiscard]] bool continues(const SourcePacket& packet) const;
  /// True if the outgoing stream changes its source by it.
  bool join(const SourcePacket& packet);
  [[nodiscard]] std::optional<std::uint32_t> aligned(const SourcePacket& packet) const;
  /// False: left out, and `decision` says why.
  bool passes_layers(const SourcePacket& packet, Decision& decision);
  void write_patch(const SourcePacket& packet, const Rewritten& rewritten, Decision& decision);

  RtpRewriter rtp_;
  Vp8Rewriter vp8_;
  Vp9Rewriter vp9_;
  FrameNumberRewriter frame_numbers_;
  LayerFilter layers_;
  std::optional<Anchor> anchor_;
  EncodingId wanted_ = 0;
  EncodingId current_ = 0;
  EncodingFormat format_;          // of current_
  std::uint32_t source_ssrc_ = 0;  // of current_
  std::uint32_t track_ = 0;        // of current_
  bool paused_ = false;
  bool waiting_ = true;   // current_ has been interrupted
  bool layered_ = false;  // current_ has told of layers
};

}  // namespace rooms
