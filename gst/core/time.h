// SPDX-License-Identifier: LGPL-2.1-or-later
// Time as core sees it: an argument, never a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace rooms {

using Duration = std::chrono::nanoseconds;

/// The epoch of `Timestamp` is whatever the caller's monotonic clock counts from.
struct MonotonicEpoch {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicEpoch>;
  static constexpr bool is_steady = true;
};
using Timestamp = MonotonicEpoch::time_point;

}  // namespace rooms
