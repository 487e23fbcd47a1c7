// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps VP9 picture id and TL0PICIDX going on across switches (RFC 9628 4.2).
#pragma once

#include <cstdint>

#include "gst/core/codec/frame_info.h"
#include "gst/core/forward/rtp_patch.h"

namespace rooms {

/// Unlike VP8's, picture ids of frames left out are not closed up: P_DIFF counts in them. Until the
/// first switch the numbers pass as they came.
class Vp9Rewriter {
 public:
  /// `first` is the packet a new source (or the same one after a pause) is joined at.
  void switch_to(const Vp9Numbers& first);
  /// The bytes to write over `payload`; length 0 if they stay as they came.
  PayloadEdit next(const Vp9Numbers& packet, Bytes payload);

 private:
  std::uint16_t picture_shift_ = 0;   // outgoing minus incoming, modulo 2^15
  std::uint16_t newest_picture_ = 0;  // outgoing
  bool has_picture_ = false;
  std::uint8_t tl0_shift_ = 0;
  std::uint8_t newest_tl0_ = 0;
  bool has_tl0_ = false;
};

}  // namespace rooms
