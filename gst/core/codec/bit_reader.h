// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers of any width, most significant bit first. Reading past the end gives zeros and is
// remembered.
#pragma once

#include <cstdint>

#include "gst/core/bytes.h"

namespace rooms {

class BitReader {
 public:
  explicit BitReader(Bytes data) : data_(data) {}

  /// `count` in 0..32.
  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    for (; count > 0; --count) value = (value << 1) | next();
    return value;
  }
  bool flag() { return next() != 0; }

  /// ns(n) of the AV1 specification (4.10.7): 0..n-1, in as few bits as that takes. n in 1..256.
  std::uint32_t non_symmetric(std::uint32_t n) {
    unsigned width = 0;
    for (std::uint32_t rest = n; rest != 0; rest >>= 1) ++width;
    const std::uint32_t short_codes = (1U << width) - n;
    const std::uint32_t value = bits(width - 1);
    return value < short_codes ? value : (value << 1) - short_codes + next();
  }
  /// ue(v) of ITU-T H.264 9.1; 0 if it is longer than 32 bits.
  std::uint32_t exp_golomb() {
    unsigned zeros = 0;
    while (!past_end_ && next() == 0) ++zeros;
    return zeros < 32 ? (1U << zeros) - 1 + bits(zeros) : 0;
  }
  std::int32_t signed_exp_golomb() {
    const std::uint32_t code = exp_golomb();
    const auto magnitude = static_cast<std::int32_t>((code + 1) / 2);
    return code % 2 == 0 ? -magnitude : magnitude;
  }

  [[nodiscard]] bool past_end() const { return past_end_; }

 private:
  std::uint32_t next() {
    if (at_ / 8 >= data_.size()) {
      past_end_ = true;
      return 0;
    }
    const std::uint32_t bit = (data_[at_ / 8] >> (7 - at_ % 8)) & 1U;
    ++at_;
    return bit;
  }

  Bytes data_;
  std::size_t at_ = 0;
  bool past_end_ = false;
};

}  // namespace rooms
