// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/frame_ring.h"

#include <utility>

namespace rooms {

std::size_t FrameRing::second_keyframe() const {
  std::size_t at = 1;
  while (at < frames_.size() && !frames_[at]->keyframe) ++at;
  return at;
}

void FrameRing::drop_first_group() {
  for (std::size_t count = second_keyframe(); count > 0; --count) {
    bytes_ -= frames_.front()->data.size();
    frames_.pop_front();
  }
}

void FrameRing::push(EncodedFrame frame) {
  if (frames_.empty() && !frame.keyframe) return;
  const Timestamp newest = frame.time;
  bytes_ += frame.data.size();
  frames_.push_back(std::make_shared<const EncodedFrame>(std::move(frame)));
  // All of it if it is one group: what it would begin with is gone.
  while (!frames_.empty() && bytes_ > most_bytes_) drop_first_group();
  expire(newest);
}

void FrameRing::expire(Timestamp now) {
  while (!frames_.empty()) {
    const auto next = second_keyframe();
    const auto& last = next < frames_.size() ? frames_[next] : frames_.back();
    if (last->time > now - length_) return;
    drop_first_group();
  }
}

std::vector<SharedFrame> FrameRing::since(Timestamp from) const {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < frames_.size() && frames_[i]->time <= from; ++i)
    if (frames_[i]->keyframe) begin = i;
  return {frames_.begin() + static_cast<std::ptrdiff_t>(begin), frames_.end()};
}

}  // namespace rooms
