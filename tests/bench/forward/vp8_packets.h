// SPDX-License-Identifier: LGPL-2.1-or-later
// One VP8 packet whose numbers go on, so that a stream can be fed for ever without allocating.
#pragma once

#include <cstdint>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms::bench {

class Vp8Packet {
 public:
  static constexpr std::size_t kSize = 1112;

  Vp8Packet() : bytes_(kSize, 0x55) {
    bytes_[0] = 0x80;
    bytes_[1] = 96;
    store_u32(&bytes_[8], 7);
    bytes_[12] = 0x90;  // X, S
    bytes_[13] = 0xC0;  // I, L
    advance(true);
  }
  /// Makes it the next packet, of a frame of its own.
  void advance(bool keyframe = false) {
    ++sequence_;
    store_u16(&bytes_[2], sequence_ & 0xFFFF);
    store_u32(&bytes_[4], sequence_ * 3000);
    store_u16(&bytes_[14], 0x8000 | (sequence_ & 0x7FFF));
    bytes_[16] = static_cast<std::uint8_t>(sequence_);
    bytes_[17] = keyframe ? 0x50 : 0x51;
  }
  /// Of the same bytes, for who wraps them.
  [[nodiscard]] std::uint8_t* memory() { return bytes_.data(); }
  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint32_t sequence_ = 0;
};

}  // namespace rooms::bench
