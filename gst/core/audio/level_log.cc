// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/level_log.h"

#include <algorithm>

namespace rooms {
namespace {

// Further apart than any burst: the sender's timestamps leapt, only the arrival says anything.
constexpr Duration kLongestBurst = std::chrono::seconds(2);

}  // namespace

std::vector<HeardLevel> LevelLog::take() {
  const auto count = std::min(added_, kCapacity);
  std::vector<HeardLevel> levels;
  if (count == 0) return levels;
  levels.reserve(static_cast<std::size_t>(count));
  const auto entry = [&](std::uint64_t number) -> const Entry& {
    return entries_[static_cast<std::size_t>(number % kCapacity)];
  };
  const auto& newest = entry(added_ - 1);
  for (auto number = added_ - count; number < added_; ++number) {
    const auto& one = entry(number);
    const auto ticks = static_cast<std::int32_t>(newest.rtp_timestamp - one.rtp_timestamp);
    const Duration before(std::int64_t{ticks} * 1'000'000'000 / clock_rate_);
    const bool tells = before >= Duration::zero() && before <= kLongestBurst;
    levels.push_back(
        {tells ? std::min(newest.arrival - before, one.arrival) : one.arrival, one.level});
  }
  added_ = 0;
  return levels;
}

}  // namespace rooms
