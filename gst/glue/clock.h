// SPDX-License-Identifier: LGPL-2.1-or-later
// The one clock that is read: CLOCK_MONOTONIC, which is also GstSystemClock's.
#pragma once

#include <gst/gst.h>

#include <ctime>

#include "gst/core/time.h"

namespace rooms {

inline Timestamp monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Timestamp(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

/// Wall clock time since 1970, for the NTP side of sender reports.
inline Duration wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

inline GstClockTime to_gst(Timestamp t) {
  return static_cast<GstClockTime>(t.time_since_epoch().count());
}

}  // namespace rooms
