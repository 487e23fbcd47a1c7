// SPDX-License-Identifier: LGPL-2.1-or-later
// How long packets wait on the way: their one-way delay above the shortest one of late. Clocks need
// not agree; what they drift apart in twenty seconds goes unnoticed.
#pragma once

#include <algorithm>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

/// The least of the values of a period and the one before it.
class RecentLeast {
 public:
  explicit RecentLeast(Duration period) : period_(period) {}
  void observe(Duration value, Timestamp now) {
    if (!begun_ || now - *begun_ > period_) {
      previous_ = begun_ ? present_ : value;
      present_ = value;
      begun_ = now;
    }
    present_ = std::min(present_, value);
  }
  [[nodiscard]] Duration value() const { return std::min(previous_, present_); }

 private:
  Duration period_;
  std::optional<Timestamp> begun_;
  Duration previous_{};
  Duration present_{};
};

class QueueDelay {
 public:
  /// How long that packet waited.
  Duration observe(Timestamp sent, Duration arrival) {
    const Duration trip = arrival - sent.time_since_epoch();
    shortest_.observe(trip, sent);
    standing_.observe(trip, sent);
    return trip - shortest_.value();
  }
  void reset() { *this = QueueDelay(); }
  /// What even the luckiest packet of the last few frames waited: the queue that stands. The rest a
  /// frame's packets wait for each other.
  [[nodiscard]] Duration standing() const { return standing_.value() - shortest_.value(); }

 private:
  RecentLeast shortest_{std::chrono::seconds(10)};
  RecentLeast standing_{std::chrono::milliseconds(50)};
};

}  // namespace rooms
