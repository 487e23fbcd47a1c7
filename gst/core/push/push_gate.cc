// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_gate.h"

namespace rooms {

bool PushGate::admit(const EncodedFrame& frame, bool video, std::size_t waiting) {
  if (waiting > kMostWaiting) {
    behind_ = true;
    close();
  }
  // Half of it is sent before more is put on top.
  if (!open_since_ && video && frame.keyframe && waiting <= kMostWaiting / 2) {
    open_since_ = frame.time;
    behind_ = false;
  }
  if (open_since_ && frame.time >= *open_since_) return true;
  dropped_ += behind_ ? 1 : 0;
  return false;
}

}  // namespace rooms
