// SPDX-License-Identifier: LGPL-2.1-or-later
// Which packet indexes were seen (RFC 3711 3.3.2): a ring of bits that ends at the highest one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rooms {

template <std::size_t kSize>
class ReplayWindow {
 public:
  static_assert(kSize % 64 == 0);

  [[nodiscard]] bool empty() const { return !any_; }
  [[nodiscard]] std::uint64_t highest() const { return highest_; }

  /// Not seen, and young enough to be sure of it.
  [[nodiscard]] bool is_new(std::uint64_t index) const {
    if (!any_ || index > highest_) return true;
    return highest_ - index < kSize && !bit(index);
  }

  /// Only for indexes that are new.
  void add(std::uint64_t index) {
    if (!any_ || index > highest_) {
      if (!any_ || index - highest_ >= kSize) {
        bits_.fill(0);
      } else {
        for (std::uint64_t i = highest_ + 1; i < index; ++i) clear(i);
      }
      highest_ = index;
      any_ = true;
    }
    bits_[word_of(index)] |= mask_of(index);
  }

 private:
  static std::size_t word_of(std::uint64_t index) { return (index % kSize) / 64; }
  static std::uint64_t mask_of(std::uint64_t index) { return std::uint64_t{1} << (index % 64); }
  [[nodiscard]] bool bit(std::uint64_t index) const {
    return (bits_[word_of(index)] & mask_of(index)) != 0;
  }
  void clear(std::uint64_t index) { bits_[word_of(index)] &= ~mask_of(index); }

  std::array<std::uint64_t, kSize / 64> bits_{};
  std::uint64_t highest_ = 0;
  bool any_ = false;
};

}  // namespace rooms
