// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/av1.h"

#include "gst/core/codec/leb128.h"

namespace rooms {
namespace {

enum ObuType : std::uint8_t { kSequenceHeader = 1, kFrameHeader = 3, kFrame = 6 };

void look_at(Bytes obu, FrameInfo& info) {
  const auto type = static_cast<std::uint8_t>((obu[0] >> 3) & 0x0F);
  if (type == kSequenceHeader || type == kFrameHeader || type == kFrame) info.frame_start = true;
  const bool has_layers = (obu[0] & 0x04) != 0;
  if (has_layers && obu.size() >= 2 && !info.temporal_id) {
    info.temporal_id = static_cast<std::uint8_t>(obu[1] >> 5);
    info.spatial_id = static_cast<std::uint8_t>((obu[1] >> 3) & 0x03);
  }
}

}  // namespace

FrameInfo inspect_av1(Bytes payload) {
  FrameInfo info;
  if (payload.empty()) return info;
  const bool continues = (payload[0] & 0x80) != 0;
  const unsigned count = (payload[0] >> 4) & 0x03;  // 0: every element has a length
  // N: first packet of a coded video sequence; cannot continue an OBU.
  info.keyframe = (payload[0] & 0x08) != 0 && !continues;

  Bytes rest = payload.subspan(1);
  for (unsigned index = 1; !rest.empty(); ++index) {
    Bytes element = rest;
    if (index != count) {
      const auto length = read_leb128(rest);
      if (!length || *length > rest.size()) break;
      element = rest.first(*length);
    }
    rest = rest.subspan(element.size());
    if (!element.empty() && !(continues && index == 1)) look_at(element, info);
    if (index == count) break;
  }
  return info;
}

}  // namespace rooms
