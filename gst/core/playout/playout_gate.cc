// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/playout_gate.h"

namespace rooms {

void PlayoutGate::set_flowing(bool flowing) {
  if (flowing_ == flowing) return;
  flowing_ = flowing;
  open_ = false;
  behind_ = false;
}

bool PlayoutGate::admit(const EncodedFrame& frame, std::size_t waiting) {
  if (!flowing_) return false;
  if (waiting > most_waiting_) {
    behind_ = true;
    open_ = false;
  }
  // Half of it is taken before more is put on top.
  if (!open_ && waiting <= most_waiting_ / 2 && (!picture_ || frame.keyframe)) {
    open_ = true;
    behind_ = false;
  }
  passed_ += open_ ? 1 : 0;
  dropped_ += behind_ ? 1 : 0;
  return open_;
}

}  // namespace rooms
