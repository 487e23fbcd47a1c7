// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/keyframe_gate.h"

namespace rooms {

bool KeyframeGate::closed(Timestamp now) const {
  // A clock that was set back must not keep the gate closed.
  return sent_at_ && now >= *sent_at_ && now - *sent_at_ < interval_;
}

KeyframeGate::Answer KeyframeGate::request(Timestamp now) {
  if (!closed(now)) {
    sent_at_ = now;
    pending_ = false;
    return {.send = true};
  }
  if (pending_) return {};
  pending_ = true;
  return {.due = *sent_at_ + interval_};
}

bool KeyframeGate::poll(Timestamp now) {
  if (!pending_ || closed(now)) return false;
  sent_at_ = now;
  pending_ = false;
  return true;
}

}  // namespace rooms
