// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/h264.h"

#include "gst/core/codec/h264_size.h"

namespace rooms {
namespace {

enum NalType : std::uint8_t {
  kSlice = 1,
  kIdr = 5,
  kSps = 7,
  kAccessUnitDelimiter = 9,
  kStapA = 24,
  kStapB = 25,
  kFuA = 28,
  kFuB = 29,
};

/// `body`: what follows the NAL header. first_mb_in_slice is an Exp-Golomb number, whose zero is a
/// single 1 bit (ITU-T H.264 7.3.3, 9.1).
bool is_first_slice(Bytes body) { return !body.empty() && (body[0] & 0x80) != 0; }

void look_at(std::uint8_t type, std::uint8_t reference_idc, Bytes body, FrameInfo& info) {
  switch (type) {
    case kIdr:
      if (is_first_slice(body)) info.keyframe = info.frame_start = true;
      break;
    case kSlice:
      if (is_first_slice(body)) info.frame_start = true;
      if (reference_idc == 0) info.discardable = true;
      break;
    case kSps:
      info.keyframe = info.frame_start = true;
      if (const auto size = read_h264_size(body)) {
        info.width = size->width;
        info.height = size->height;
      }
      break;
    case kAccessUnitDelimiter:
      info.frame_start = true;
      break;
    default:
      break;
  }
}

std::uint8_t type_of(std::uint8_t nal_header) { return nal_header & 0x1F; }
std::uint8_t reference_of(std::uint8_t nal_header) { return (nal_header >> 5) & 0x03; }

void look_at_aggregate(Bytes units, FrameInfo& info) {
  while (units.size() > 2) {
    const std::size_t size = load_u16(units.data());
    units = units.subspan(2);
    if (size == 0 || size > units.size()) return;
    look_at(type_of(units[0]), reference_of(units[0]), units.subspan(1, size - 1), info);
    units = units.subspan(size);
  }
}

void look_at_fragment(Bytes payload, std::size_t head, FrameInfo& info) {
  const bool starts = payload.size() >= 2 && (payload[1] & 0x80) != 0;
  if (!starts || payload.size() < head) return;
  look_at(type_of(payload[1]), reference_of(payload[0]), payload.subspan(head), info);
}

}  // namespace

FrameInfo inspect_h264(Bytes payload) {
  FrameInfo info;
  if (payload.empty()) return info;
  switch (type_of(payload[0])) {
    case kStapA:
      look_at_aggregate(payload.subspan(1), info);
      break;
    case kStapB:  // a decoding order number first
      if (payload.size() >= 3) look_at_aggregate(payload.subspan(3), info);
      break;
    case kFuA:
      look_at_fragment(payload, 2, info);
      break;
    case kFuB:
      look_at_fragment(payload, 4, info);
      break;
    default:
      look_at(type_of(payload[0]), reference_of(payload[0]), payload.subspan(1), info);
  }
  return info;
}

}  // namespace rooms
