// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/stream_check.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr int kIntervalsOfAGap = 3;

Duration median(std::vector<Duration> values) {
  if (values.empty()) return {};
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void StreamCheck::observe(Duration shown, std::optional<Duration> decoded, bool keyframe,
                          std::uint64_t bytes) {
  if (times_.empty()) sums_.begins_with_keyframe = keyframe;
  times_.push_back(shown);
  sums_.keyframes += keyframe ? 1 : 0;
  sums_.bytes += bytes;
  if (decoded && last_decoded_ && *decoded < *last_decoded_) ++sums_.backwards;
  if (decoded) last_decoded_ = decoded;
}

StreamCheck::Summary StreamCheck::summarize(Duration least_gap) const {
  Summary summary = sums_;
  summary.frames = times_.size();
  if (times_.empty()) return summary;
  auto times = times_;
  std::sort(times.begin(), times.end());
  std::vector<Duration> intervals;
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i] - times[i - 1]);
  summary.interval = median(intervals);
  summary.start = times.front();
  summary.end = times.back() + summary.interval;
  const auto least = std::max(least_gap, kIntervalsOfAGap * summary.interval);
  for (std::size_t i = 0; i < intervals.size(); ++i)
    if (intervals[i] > least) summary.gaps.push_back({times[i], intervals[i]});
  return summary;
}

}  // namespace rooms
