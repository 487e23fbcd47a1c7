// SPDX-License-Identifier: LGPL-2.1-or-later
// The last seconds of a track, encoded, for whoever finds that they were worth keeping. Begins with
// a keyframe at any time. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "gst/core/record/encoded_frame.h"

namespace rooms {

using SharedFrame = std::shared_ptr<const EncodedFrame>;

class FrameRing {
 public:
  /// Holds at least `length` if that many bytes are enough.
  FrameRing(Duration length, std::size_t most_bytes) : length_(length), most_bytes_(most_bytes) {}

  /// In decoding order.
  void push(EncodedFrame frame);
  /// Nothing of it has been sent in that time.
  void expire(Timestamp now);
  /// From the last keyframe that is not later than `from`, or from the first there is.
  [[nodiscard]] std::vector<SharedFrame> since(Timestamp from) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void drop_first_group();
  [[nodiscard]] std::size_t second_keyframe() const;

  Duration length_;
  std::size_t most_bytes_;
  std::deque<SharedFrame> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace rooms
