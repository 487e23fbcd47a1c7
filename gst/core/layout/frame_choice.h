// SPDX-License-Identifier: LGPL-2.1-or-later
// Which of the frames that wait is shown at a moment, and for how long the last one is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>

#include "gst/core/time.h"

namespace rooms {

/// A frame that claims to be of a later time than this is not waited for: its clock is wrong.
constexpr Duration kFarAhead = std::chrono::seconds(5);

/// How many of the frames at the front of a queue are due at `now`; the last of them is shown, the
/// others came too late. Late is no reason not to be shown.
template <std::ranges::forward_range Times>
std::size_t due_frames(const Times& times, Timestamp now) {
  std::size_t due = 0;
  std::size_t seen = 0;
  for (const Timestamp time : times) {
    ++seen;
    if (time <= now || time - now > kFarAhead) due = seen;
  }
  return due;
}

/// Whether the last frame, shown first at `last`, still stands for its input at `now`.
inline bool is_fresh(std::optional<Timestamp> last, Timestamp now, Duration hold) {
  return last && now - *last <= hold;
}

}  // namespace rooms
