// SPDX-License-Identifier: LGPL-2.1-or-later
// When a frame was captured, on the room's timeline. With sender reports that is known; before the
// first one only arrivals are, which jitter, and the RTP timestamps tell what lies between frames.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

class TrackClock {
 public:
  explicit TrackClock(std::uint32_t clock_rate) : clock_rate_(clock_rate == 0 ? 1 : clock_rate) {}

  /// `captured`: by the sender's reports if `by_report`, else the arrival.
  Timestamp time_of(std::uint32_t timestamp, Timestamp captured, bool by_report) {
    const Anchor here{timestamp, captured};
    if (by_report || !anchor_) {
      anchor_ = here;
      return captured;
    }
    const auto ticks = static_cast<std::int32_t>(timestamp - anchor_->timestamp);
    const Timestamp expected =
        anchor_->time + Duration(std::int64_t{ticks} * 1'000'000'000 / clock_rate_);
    // Who comes earlier than expected was delayed less than all before. Very late: the RTP clock
    // began anew, or a pause that it does not count.
    if (captured < expected || captured - expected > kJump) {
      anchor_ = here;
      return captured;
    }
    return expected;
  }

 private:
  static constexpr Duration kJump = std::chrono::seconds(2);
  struct Anchor {
    std::uint32_t timestamp = 0;
    Timestamp time;
  };
  std::uint32_t clock_rate_;
  std::optional<Anchor> anchor_;
};

}  // namespace rooms
