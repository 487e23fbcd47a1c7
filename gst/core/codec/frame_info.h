// SPDX-License-Identifier: LGPL-2.1-or-later
// What forwarding needs to know of a payload, whatever the codec.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/bytes.h"
#include "gst/core/codec/frame_layers.h"
#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

/// Where a VP8 payload descriptor keeps the numbers that an output must own (RFC 7741 4.2). Offset
/// 0 is the descriptor's first byte and can hold neither, so it stands for "absent".
struct Vp8Numbers {
  std::uint8_t picture_id_offset = 0;
  bool picture_id_is_long = false;  ///< 15 bits in two bytes, else 7 bits in one
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_offset = 0;
  std::uint8_t tl0 = 0;

  [[nodiscard]] bool has_picture_id() const { return picture_id_offset != 0; }
  [[nodiscard]] bool has_tl0() const { return tl0_offset != 0; }
};

/// The same of a VP9 payload descriptor (RFC 9628 4.2).
struct Vp9Numbers {
  std::uint8_t picture_id_offset = 0;
  bool picture_id_is_long = false;
  std::uint16_t picture_id = 0;
  std::uint8_t tl0_offset = 0;  ///< there in non-flexible mode only
  std::uint8_t tl0 = 0;

  [[nodiscard]] bool has_picture_id() const { return picture_id_offset != 0; }
  [[nodiscard]] bool has_tl0() const { return tl0_offset != 0; }
};

/// What else a VP9 payload descriptor says.
struct Vp9Relations {
  bool switching_up = false;   ///< U: higher temporal layers may begin behind this picture
  bool inter_layer = false;    ///< D: needs the layer below, of the same picture
  bool not_for_above = false;  ///< Z: no layer above needs it, of the same picture
  bool flexible = false;       ///< F: says which pictures it needs
  bool predicted = false;      ///< P: needs earlier pictures
  std::uint8_t difference_count = 0;
  std::array<std::uint8_t, 3> differences{};  ///< P_DIFF: pictures it needs, counted back
  std::uint8_t spatial_layers = 0;            ///< by the scalability structure; 0: not told here
};

/// Of one packet. Everything is "as far as this payload tells": fields a codec does not write stay
/// at their default.
struct FrameInfo {
  /// A decoder that has seen nothing before can begin with this packet: the first one of a
  /// keyframe, of its lowest spatial layer where a keyframe has several. Later packets of a
  /// keyframe do not have it.
  bool keyframe = false;
  /// First packet of a frame. H.264 may say so more than once a picture (parameter sets, then the
  /// slice).
  bool frame_start = false;
  /// Last packet of a frame, of one spatial layer where there are several. As far as told: H.264,
  /// VP8 and AV1 payloads leave it to the RTP marker.
  bool frame_end = false;
  /// No other frame refers to this one.
  bool discardable = false;
  /// From this frame on a receiver of the lower temporal layers may take this one in as well.
  bool layer_sync = false;
  std::optional<std::uint8_t> temporal_id;
  std::optional<std::uint8_t> spatial_id;
  /// Of the picture, as a keyframe tells it; the highest layer's where there are several. 0: not
  /// told here.
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  Vp8Numbers vp8;
  Vp9Numbers vp9;
  Vp9Relations vp9_relations;
  /// By StreamInspector: one payload alone does not tell.
  FrameLayers layers;
  /// Of the dependency descriptor, and where in the packet it stands (two bytes). Offset 0: none.
  std::uint16_t frame_number = 0;
  std::uint16_t frame_number_offset = 0;
};

/// Never reads past `payload`, whatever is in it. Codecs without an inspector, and payloads cut
/// short, give a default FrameInfo.
FrameInfo inspect(Codec codec, Bytes payload);

/// Whether `inspect` can find keyframes of this codec. Streams of other codecs may be joined at any
/// packet.
bool finds_keyframes(Codec codec);

}  // namespace rooms
