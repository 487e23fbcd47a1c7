// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps VP8 picture id and TL0PICIDX continuous across switches and frames left out (RFC 7741 4.2).
#pragma once

#include <cstdint>

#include "gst/core/codec/frame_info.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/forward/sequence_map.h"

namespace rooms {

/// A decoder takes a gap in picture ids for a lost frame and a repeated TL0PICIDX for a late one,
/// so both belong to the outgoing stream, not to the source. Until the first switch the numbers
/// pass as they came.
class Vp8Rewriter {
 public:
  /// `first` is the packet a new source (or the same one after a pause) is joined at.
  void switch_to(const Vp8Numbers& first);
  /// The bytes to write; length 0 if they stay as they came.
  PayloadEdit next(const Vp8Numbers& packet);
  /// The whole frame of this packet is left out on purpose.
  void drop(const Vp8Numbers& packet);

 private:
  static constexpr std::size_t kMemory = 1024;
  [[nodiscard]] std::int64_t unwrap(const Vp8Numbers& packet) const;
  std::uint16_t next_picture(const Vp8Numbers& packet);
  std::uint8_t next_tl0(const Vp8Numbers& packet);

  SequenceMap<kMemory> pictures_;
  std::int64_t newest_picture_ = -1;  // outgoing
  bool has_picture_ = false;
  std::uint8_t tl0_offset_ = 0;  // outgoing minus incoming, modulo 256
  std::uint8_t newest_tl0_ = 0;  // outgoing
  bool has_tl0_ = false;
};

}  // namespace rooms
