// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a busy network thread lets datagrams gather, as network cards moderate their
// interrupts: packets of a frame that are read together also leave together, as one segmented send.
#pragma once

#include <cstddef>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

/// Where so many come that some would gather within `interval`, sockets are looked at once in that
/// time; where there would be nothing to batch, at once, so that nothing waits. A thread that is
/// busy all the time never pauses either.
class WakeModeration {
 public:
  /// Datagrams that have to come in an interval for a pause to be worth it.
  static constexpr double kWorthwhile = 4;
  /// Over which rates are measured.
  static constexpr Duration kWindow = std::chrono::milliseconds(20);

  /// `interval` 0: no pauses.
  explicit WakeModeration(Duration interval) : interval_(interval) {}

  /// Of a round that began at `began` and took `datagrams`: until when the next one may wait;
  /// nullopt: until something comes.
  std::optional<Timestamp> pause_after(std::size_t datagrams, Timestamp began) {
    count(datagrams, began);
    if (interval_ == Duration{} || gathering_ < kWorthwhile) return std::nullopt;
    return began + interval_;
  }

 private:
  void count(std::size_t datagrams, Timestamp now) {
    counted_ += datagrams;
    const Duration span = now - since_;
    if (span < kWindow) return;
    gathering_ = static_cast<double>(counted_) * static_cast<double>(interval_.count()) /
                 static_cast<double>(span.count());
    counted_ = 0;
    since_ = now;
  }

  const Duration interval_;
  Timestamp since_{};
  std::size_t counted_ = 0;
  double gathering_ = 0;  // datagrams in an interval, of the last window
};

}  // namespace rooms
