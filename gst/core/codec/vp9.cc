// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/vp9.h"

namespace rooms {
namespace {

enum Flag : std::uint8_t {
  kPictureId = 0x80,
  kPredicted = 0x40,
  kLayers = 0x20,
  kFlexible = 0x10,
  kBegins = 0x08,
  kEnds = 0x04,
  kStructure = 0x02,
  kNotForAbove = 0x01,
};
constexpr std::size_t kMostDifferences = 3;

/// Byte after byte of the descriptor; what is beyond its end is noted.
class Cursor {
 public:
  explicit Cursor(Bytes payload) : payload_(payload) {}
  std::uint8_t u8() {
    if (at_ >= payload_.size()) {
      cut_ = true;
      return 0;
    }
    return payload_[at_++];
  }
  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>((high << 8) | u8());
  }
  [[nodiscard]] std::uint8_t at() const { return static_cast<std::uint8_t>(at_); }
  [[nodiscard]] bool cut() const { return cut_; }

 private:
  Bytes payload_;
  std::size_t at_ = 0;
  bool cut_ = false;
};

void read_picture_id(Cursor& cursor, Vp9Numbers& numbers) {
  numbers.picture_id_offset = cursor.at();
  const unsigned first = cursor.u8();
  numbers.picture_id_is_long = (first & 0x80) != 0;
  numbers.picture_id = static_cast<std::uint16_t>(first & 0x7F);
  if (numbers.picture_id_is_long)
    numbers.picture_id = static_cast<std::uint16_t>((numbers.picture_id << 8) | cursor.u8());
}

void read_layers(Cursor& cursor, FrameInfo& info) {
  const unsigned layers = cursor.u8();
  info.temporal_id = static_cast<std::uint8_t>(layers >> 5);
  info.spatial_id = static_cast<std::uint8_t>((layers >> 1) & 0x07);
  info.layer_sync = info.vp9_relations.switching_up = (layers & 0x10) != 0;
  info.vp9_relations.inter_layer = (layers & 0x01) != 0;
  if (info.vp9_relations.flexible) return;
  info.vp9.tl0_offset = cursor.at();
  info.vp9.tl0 = cursor.u8();
}

/// False: more than the three that fit.
bool read_differences(Cursor& cursor, Vp9Relations& relations) {
  for (bool more = true; more;) {
    if (relations.difference_count == kMostDifferences) return false;
    const unsigned one = cursor.u8();
    relations.differences[relations.difference_count++] = static_cast<std::uint8_t>(one >> 1);
    more = (one & 0x01) != 0;
  }
  return true;
}

void read_structure(Cursor& cursor, FrameInfo& info) {
  const unsigned head = cursor.u8();
  const unsigned layers = (head >> 5) + 1;
  info.vp9_relations.spatial_layers = static_cast<std::uint8_t>(layers);
  if ((head & 0x10) == 0) return;
  for (unsigned i = 0; i < layers; ++i) {
    info.width = cursor.u16();
    info.height = cursor.u16();
  }
}

}  // namespace

FrameInfo inspect_vp9(Bytes payload) {
  if (payload.empty()) return {};
  Cursor cursor(payload);
  const unsigned flags = cursor.u8();
  FrameInfo info;
  auto& relations = info.vp9_relations;
  relations.predicted = (flags & kPredicted) != 0;
  relations.flexible = (flags & kFlexible) != 0;
  relations.not_for_above = (flags & kNotForAbove) != 0;
  if (flags & kPictureId) read_picture_id(cursor, info.vp9);
  if (flags & kLayers) read_layers(cursor, info);
  if (relations.flexible && relations.predicted && !read_differences(cursor, relations)) return {};
  if (flags & kStructure) read_structure(cursor, info);
  if (cursor.cut()) return {};
  info.frame_start = (flags & kBegins) != 0;
  info.frame_end = (flags & kEnds) != 0;
  // Higher spatial layers of a keyframe are "not predicted" too, but need the layers below them.
  info.keyframe = !relations.predicted && info.frame_start && info.spatial_id.value_or(0) == 0;
  return info;
}

}  // namespace rooms
