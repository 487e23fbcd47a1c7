// SPDX-License-Identifier: LGPL-2.1-or-later
// The moments at which all encodings of a mix have a keyframe, so that what is cut at them is cut
// at the same moments. Encoders are told of each in advance. Not thread-safe.
#pragma once

#include <optional>

#include "gst/core/time.h"

namespace rooms {

class KeyframeSchedule {
 public:
  /// Longer than whoever asks may be late.
  static constexpr Duration kAhead = std::chrono::milliseconds(600);
  /// Players begin at keyframes.
  static constexpr Duration kUsual = std::chrono::seconds(2);

  /// Of segments of that length: no rarer than usual, and one where each segment begins.
  static Duration interval_for(Duration segment) {
    const auto parts = (segment + kUsual - Duration(1)) / kUsual;
    return parts > 1 ? segment / parts : segment;
  }

  /// From now on at `anchor` and each `interval` after it.
  void follow(Timestamp anchor, Duration interval) {
    next_ = anchor;
    interval_ = interval;
  }
  [[nodiscard]] Duration interval() const { return interval_; }

  /// The moment for which a keyframe is to be asked for now; nullopt: there is none so soon. Tells
  /// each of them once; of those that were missed the last.
  std::optional<Timestamp> due(Timestamp now) {
    if (next_ > now + kAhead) return std::nullopt;
    const auto steps = (now + kAhead - next_) / interval_;
    const Timestamp latest = next_ + steps * interval_;
    next_ = latest + interval_;
    return latest;
  }

 private:
  Timestamp next_;
  Duration interval_ = kUsual;
};

}  // namespace rooms
