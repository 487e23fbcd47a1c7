// SPDX-License-Identifier: LGPL-2.1-or-later
// The clocks of the generator. Stamps are made and read on the monotonic one.
#pragma once

#include <ctime>

#include "gst/core/time.h"

namespace rooms::load {

inline Duration clock_reading(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}
inline Timestamp monotonic_now() { return Timestamp(clock_reading(CLOCK_MONOTONIC)); }
/// Since 1970, for sender reports.
inline Duration wall_clock() { return clock_reading(CLOCK_REALTIME); }

}  // namespace rooms::load
