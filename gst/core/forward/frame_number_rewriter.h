// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the frame numbers of dependency descriptors going on across switches: a receiver takes a
// keyframe with an older number for a late one and drops it.
#pragma once

#include <cstdint>

#include "gst/core/forward/rtp_patch.h"
#include "gst/core/forward/seqnum.h"

namespace rooms {

/// Frames left out stay gaps: descriptors count back in these numbers. The shift of a source stays
/// as long as it is joined.
class FrameNumberRewriter {
 public:
  /// `first` is that of the packet a new source is joined at. The layers of one Chromium sender
  /// share a counter, so often nothing has to change.
  void switch_to(std::uint16_t first) {
    if (!has_newest_ || is_newer(shifted(first), newest_)) return;
    shift_ = static_cast<std::uint16_t>(newest_ + 1 - first);
  }
  /// `offset`: where the number stands in the packet.
  void next(std::uint16_t number, std::uint16_t offset, RtpPatch& patch) {
    const std::uint16_t out = shifted(number);
    if (!has_newest_ || is_newer(out, newest_)) newest_ = out;
    has_newest_ = true;
    if (shift_ == 0) return;
    patch.frame_number = out;
    patch.frame_number_offset = offset;
  }

 private:
  [[nodiscard]] std::uint16_t shifted(std::uint16_t number) const {
    return static_cast<std::uint16_t>(number + shift_);
  }
  std::uint16_t shift_ = 0;  // outgoing minus incoming
  std::uint16_t newest_ = 0;
  bool has_newest_ = false;
};

}  // namespace rooms
