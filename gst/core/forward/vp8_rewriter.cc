// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/vp8_rewriter.h"

#include <algorithm>

#include "gst/core/forward/seqnum.h"

namespace rooms {

std::int64_t Vp8Rewriter::unwrap(const Vp8Numbers& packet) const {
  return unwrap_near(pictures_.newest_in(), packet.picture_id, packet.picture_id_is_long ? 15 : 7);
}

void Vp8Rewriter::switch_to(const Vp8Numbers& first) {
  pictures_ = {};
  if (first.has_picture_id()) {
    pictures_.restart(first.picture_id, has_picture_ ? newest_picture_ + 1 : first.picture_id);
  }
  if (first.has_tl0() && has_tl0_) {
    tl0_offset_ = static_cast<std::uint8_t>(newest_tl0_ + 1 - first.tl0);
  }
}

std::uint16_t Vp8Rewriter::next_picture(const Vp8Numbers& packet) {
  if (!pictures_.started()) {  // the source did not number its first pictures
    pictures_.restart(packet.picture_id, has_picture_ ? newest_picture_ + 1 : packet.picture_id);
  }
  const auto picture = pictures_.next(unwrap(packet));
  if (!picture) return packet.picture_id;  // too late for any decoder to use
  newest_picture_ = has_picture_ ? std::max(newest_picture_, *picture) : *picture;
  has_picture_ = true;
  return static_cast<std::uint16_t>(*picture & (packet.picture_id_is_long ? 0x7FFF : 0x7F));
}

std::uint8_t Vp8Rewriter::next_tl0(const Vp8Numbers& packet) {
  const auto tl0 = static_cast<std::uint8_t>(packet.tl0 + tl0_offset_);
  if (!has_tl0_ || static_cast<std::int8_t>(tl0 - newest_tl0_) > 0) newest_tl0_ = tl0;
  has_tl0_ = true;
  return tl0;
}

PayloadEdit Vp8Rewriter::next(const Vp8Numbers& packet) {
  PayloadEdit edit;
  bool differs = false;
  const auto write = [&edit](unsigned value) {
    edit.bytes[edit.length++] = static_cast<std::uint8_t>(value);
  };
  if (packet.has_picture_id()) {
    const std::uint16_t picture = next_picture(packet);
    differs = picture != packet.picture_id;
    edit.offset = packet.picture_id_offset;
    if (packet.picture_id_is_long) {
      write(0x80U | (picture >> 8));
    }
    write(picture & 0xFFU);
  }
  if (packet.has_tl0()) {  // right behind the picture id, if there is one
    const std::uint8_t tl0 = next_tl0(packet);
    differs = differs || tl0 != packet.tl0;
    if (edit.length == 0) edit.offset = packet.tl0_offset;
    write(tl0);
  }
  return differs ? edit : PayloadEdit{};
}

void Vp8Rewriter::drop(const Vp8Numbers& packet) {
  if (packet.has_picture_id() && pictures_.started()) pictures_.drop(unwrap(packet));
}

}  // namespace rooms
