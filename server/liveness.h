// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the other end of a socket still lives, and how long its session is kept when it does not.
#pragma once

#include <algorithm>

#include "gst/core/time.h"

namespace rooms {

class Liveness {
 public:
  static constexpr Duration kPingInterval = std::chrono::seconds(2);
  /// Nothing heard for so long, pings unanswered: the socket counts as lost.
  static constexpr Duration kSilence = std::chrono::seconds(5);
  static constexpr Duration kResume = std::chrono::seconds(15);
  /// Who vanishes without goodbye was last heard at most a ping before, and is gone within 20 s of
  /// that.
  static constexpr Duration kLongestAbsence = std::chrono::seconds(19);

  explicit Liveness(Timestamp now) : heard_(now) {}

  void observe(Timestamp now) { heard_ = now; }
  [[nodiscard]] bool lost(Timestamp now) const { return now - heard_ >= kSilence; }
  /// How long a session whose socket ended now waits for `resume`.
  [[nodiscard]] Duration time_to_resume(Timestamp now) const {
    return std::clamp<Duration>(heard_ + kLongestAbsence - now, Duration::zero(), kResume);
  }

 private:
  Timestamp heard_;
};

}  // namespace rooms
