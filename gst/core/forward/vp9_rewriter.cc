// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/vp9_rewriter.h"

#include "gst/core/forward/seqnum.h"

namespace rooms {
namespace {

constexpr std::uint16_t kPictures = 0x7FFF;

bool is_newer_picture(std::uint16_t a, std::uint16_t b) {
  const auto ahead = static_cast<std::uint16_t>((a - b) & kPictures);
  return ahead != 0 && ahead < 0x4000;
}

}  // namespace

void Vp9Rewriter::switch_to(const Vp9Numbers& first) {
  if (first.has_picture_id() && has_picture_)
    picture_shift_ =
        static_cast<std::uint16_t>((newest_picture_ + 1 - first.picture_id) & kPictures);
  if (first.has_tl0() && has_tl0_)
    tl0_shift_ = static_cast<std::uint8_t>(newest_tl0_ + 1 - first.tl0);
}

PayloadEdit Vp9Rewriter::next(const Vp9Numbers& packet, Bytes payload) {
  PayloadEdit edit;
  if (!packet.has_picture_id()) return edit;
  auto picture = static_cast<std::uint16_t>((packet.picture_id + picture_shift_) & kPictures);
  if (!packet.picture_id_is_long && has_picture_)
    picture =
        static_cast<std::uint16_t>(unwrap_near(newest_picture_, picture & 0x7FU, 7) & kPictures);
  if (!has_picture_ || is_newer_picture(picture, newest_picture_)) newest_picture_ = picture;
  has_picture_ = true;
  const auto tl0 = static_cast<std::uint8_t>(packet.tl0 + tl0_shift_);
  if (packet.has_tl0()) {
    if (!has_tl0_ || static_cast<std::int8_t>(tl0 - newest_tl0_) > 0) newest_tl0_ = tl0;
    has_tl0_ = true;
  }
  const bool moves_tl0 = packet.has_tl0() && tl0_shift_ != 0;
  if (picture_shift_ == 0 && !moves_tl0) return edit;

  edit.offset = packet.picture_id_offset;
  const auto write = [&edit](unsigned value) {
    edit.bytes[edit.length++] = static_cast<std::uint8_t>(value);
  };
  if (packet.picture_id_is_long) write(0x80U | (picture >> 8));
  write(packet.picture_id_is_long ? picture & 0xFFU : picture & 0x7FU);
  if (!moves_tl0) return edit;
  write(payload[packet.tl0_offset - 1U]);  // the layer indices stand between and stay
  write(tl0);
  return edit;
}

}  // namespace rooms
