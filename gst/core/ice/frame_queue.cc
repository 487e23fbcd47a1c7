// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/frame_queue.h"

#include <algorithm>

#include "gst/core/ice/rfc4571.h"

namespace rooms {
namespace {

/// What an empty queue may keep for the next round.
constexpr std::size_t kKept = 32 * 1024;

}  // namespace

bool FrameQueue::push(Bytes datagram) {
  if (datagram.empty() || datagram.size() > 0xFFFF) return false;
  const auto head = rfc4571_head(datagram.size());
  if (size() + head.size() + datagram.size() > limit_) return false;
  if (begin_ > limit_ / 2) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  bytes_.insert(bytes_.end(), head.begin(), head.end());
  bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
  return true;
}

void FrameQueue::written(std::size_t size) {
  begin_ = std::min(begin_ + size, bytes_.size());
  if (!empty()) return;
  if (bytes_.capacity() > kKept) return clear();
  bytes_.clear();
  begin_ = 0;
}

void FrameQueue::clear() {
  bytes_ = {};
  begin_ = 0;
}

}  // namespace rooms
