// SPDX-License-Identifier: LGPL-2.1-or-later
// Order among numbers that wrap (RFC 1982), and their unwrapping to 64 bits.
#pragma once

#include <cstdint>
#include <optional>

namespace rooms {

/// How far `to` is ahead of `from`; negative when behind.
constexpr std::int16_t sequence_distance(std::uint16_t from, std::uint16_t to) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}
constexpr std::int32_t timestamp_distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}
constexpr bool sequence_newer(std::uint16_t a, std::uint16_t b) {
  return sequence_distance(b, a) > 0;
}

/// Unwraps RTP sequence numbers to rollover * 65536 + sequence, with the rollover starting at one:
/// packets before the first one stay positive. (forward/seqnum.h has the unwrapper that begins at
/// zero.)
class RolloverUnwrapper {
 public:
  std::int64_t unwrap(std::uint16_t sequence) {
    last_ = peek(sequence);
    return *last_;
  }
  /// The same without remembering it: for numbers of requests, which may be anything.
  [[nodiscard]] std::int64_t peek(std::uint16_t sequence) const {
    if (!last_) return std::int64_t{0x10000} + sequence;
    return *last_ + sequence_distance(static_cast<std::uint16_t>(*last_), sequence);
  }

 private:
  std::optional<std::int64_t> last_;
};

}  // namespace rooms
