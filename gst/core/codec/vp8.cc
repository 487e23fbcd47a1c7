// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/vp8.h"

namespace rooms {
namespace {

/// RFC 6386 9.1: frame tag, start code, then 14 bits each of width and height, little-endian.
void read_size(Bytes frame, FrameInfo& info) {
  constexpr std::size_t kHeader = 10;
  if (frame.size() < kHeader || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) return;
  info.width = static_cast<std::uint16_t>((frame[6] | (frame[7] << 8)) & 0x3FFF);
  info.height = static_cast<std::uint16_t>((frame[8] | (frame[9] << 8)) & 0x3FFF);
}

}  // namespace

FrameInfo inspect_vp8(Bytes payload) {
  FrameInfo info;
  if (payload.empty()) return info;
  const bool extended = (payload[0] & 0x80) != 0;
  const bool discardable = (payload[0] & 0x20) != 0;
  const bool frame_start = (payload[0] & 0x10) != 0 && (payload[0] & 0x07) == 0;
  std::size_t at = 1;

  if (extended) {
    if (payload.size() < 2) return info;
    const std::uint8_t present = payload[1];
    at = 2;
    Vp8Numbers numbers;
    std::optional<std::uint8_t> temporal_id;
    bool layer_sync = false;
    if (present & 0x80) {
      if (payload.size() <= at) return info;
      numbers.picture_id_is_long = (payload[at] & 0x80) != 0;
      if (payload.size() < at + (numbers.picture_id_is_long ? 2 : 1)) return info;
      numbers.picture_id_offset = static_cast<std::uint8_t>(at);
      numbers.picture_id =
          numbers.picture_id_is_long ? load_u16(&payload[at]) & 0x7FFF : payload[at];
      at += numbers.picture_id_is_long ? 2 : 1;
    }
    if (present & 0x40) {
      if (payload.size() <= at) return info;
      numbers.tl0_offset = static_cast<std::uint8_t>(at);
      numbers.tl0 = payload[at++];
    }
    if (present & 0x30) {  // TID and KEYIDX share a byte, there if either is
      if (payload.size() <= at) return info;
      if (present & 0x20) {
        temporal_id = static_cast<std::uint8_t>(payload[at] >> 6);
        layer_sync = (payload[at] & 0x20) != 0;
      }
      ++at;
    }
    info.vp8 = numbers;
    info.temporal_id = temporal_id;
    info.layer_sync = layer_sync;
  }

  info.discardable = discardable;
  info.frame_start = frame_start;
  // P of the VP8 payload header: 0 is a keyframe.
  info.keyframe = frame_start && payload.size() > at && (payload[at] & 0x01) == 0;
  if (info.keyframe) read_size(payload.subspan(at), info);
  return info;
}

}  // namespace rooms
