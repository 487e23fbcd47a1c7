// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers that wrap: comparison, and unwrapping to 64 bits (RFC 3550 A.1, RFC 1982).
#pragma once

#include <cstdint>
#include <optional>

namespace rooms {

/// Is `a` after `b`? Exactly half the circle apart counts as not newer, so that a and b are never
/// both newer.
constexpr bool is_newer(std::uint16_t a, std::uint16_t b) {
  return a != b && static_cast<std::uint16_t>(a - b) < 0x8000;
}
constexpr bool is_newer(std::uint32_t a, std::uint32_t b) { return a != b && a - b < 0x80000000U; }

/// The number nearest to `reference` whose low `bits` bits are `value`. bits in 1..32.
constexpr std::int64_t unwrap_near(std::int64_t reference, std::uint32_t value, unsigned bits) {
  const std::int64_t span = std::int64_t{1} << bits;
  const std::int64_t ahead = (static_cast<std::int64_t>(value) - reference) & (span - 1);
  return reference + (ahead < span / 2 ? ahead : ahead - span);
}

/// Follows a wrapping counter. The first value stands for itself; values may come in any order as
/// long as each is less than half the circle from the newest so far.
template <unsigned kBits>
class Unwrapper {
 public:
  std::int64_t unwrap(std::uint32_t value) {
    const std::int64_t number = newest_ ? unwrap_near(*newest_, value, kBits) : value;
    if (!newest_ || number > *newest_) newest_ = number;
    return number;
  }
  [[nodiscard]] std::optional<std::int64_t> newest() const { return newest_; }
  void reset() { newest_.reset(); }

 private:
  std::optional<std::int64_t> newest_;
};
using SequenceUnwrapper = Unwrapper<16>;
using TimestampUnwrapper = Unwrapper<32>;

}  // namespace rooms
