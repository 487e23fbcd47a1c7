// SPDX-License-Identifier: LGPL-2.1-or-later
// How a frame of a layered stream stands to the decode targets one may choose among, in one form
// for all codecs.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace rooms {

/// "Everything up to this spatial and this temporal layer". Decode targets are bits of a 64-bit set
/// on a grid of eight by eight.
struct LayerTarget {
  static constexpr unsigned kSide = 8;
  static constexpr std::uint8_t kAll = kSide - 1;
  std::uint8_t spatial = kAll;
  std::uint8_t temporal = kAll;

  bool operator==(const LayerTarget&) const = default;
  [[nodiscard]] constexpr std::uint64_t bit() const {
    return std::uint64_t{1} << (spatial * kSide + temporal);
  }
};
using TargetSet = std::uint64_t;

/// The highest target of `set` at or below `limit`: spatial layers count before temporal ones.
constexpr std::optional<LayerTarget> highest_target(TargetSet set, LayerTarget limit) {
  const unsigned row_mask = (2U << limit.temporal) - 1;
  for (int s = limit.spatial; s >= 0; --s) {
    const auto row = static_cast<unsigned>(set >> (s * 8)) & 0xFF & row_mask;
    if (row != 0)
      return LayerTarget{static_cast<std::uint8_t>(s),
                         static_cast<std::uint8_t>(std::bit_width(row) - 1)};
  }
  return std::nullopt;
}

/// Every target with `spatial` rows and `temporal` columns; both in 1..8.
constexpr TargetSet all_targets(unsigned spatial, unsigned temporal) {
  const TargetSet columns = 0x0101010101010101U * ((1U << temporal) - 1);
  return spatial >= LayerTarget::kSide ? columns : columns & ((TargetSet{1} << (spatial * 8)) - 1);
}

/// Targets whose layers are at or above these: what a frame of these layers would belong to if all
/// of them needed it.
constexpr TargetSet targets_from(unsigned spatial, unsigned temporal) {
  const TargetSet columns = 0x0101010101010101U * ((0xFFU << temporal) & 0xFFU);
  return columns & (~TargetSet{0} << (spatial * 8));
}

struct FrameLayers {
  bool told = false;  ///< the stream says nothing of layers in this packet if false
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  TargetSet exist = 0;     ///< what the stream offers at present
  TargetSet present = 0;   ///< the frame belongs to them
  TargetSet required = 0;  ///< of these: later frames of the target may need this one
  /// From this frame on the target can be decoded, if this frame can be.
  TargetSet switches = 0;
  /// Only where it has been complete up to this temporal layer, of the same spatial layers.
  std::optional<std::uint8_t> switches_above;

  /// Which frames it needs: frames are numbered in `line`, modulo 2^number_bits. 0 bits: not
  /// numbered, and what it needs is not told.
  std::uint8_t number_bits = 0;
  std::uint8_t line = 0;
  std::uint16_t number = 0;
  std::uint64_t needs = 0;   ///< bit n: the frame n + 1 numbers ago
  bool needs_older = false;  ///< and one more than 64 ago
  bool needs_below = false;  ///< the frame of the same number one line below
};

}  // namespace rooms
