// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/overuse_detector.h"

#include <algorithm>
#include <cmath>

#include "gst/core/units.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;

constexpr Duration kOverAtLeast = milliseconds(10);
// Per millisecond. Up slowly, down faster: after a competing flow has gone, the threshold must not
// stay where that flow put it.
constexpr double kAdaptUp = 0.0087;
constexpr double kAdaptDown = 0.039;
constexpr double kLeast = 6;
constexpr double kMost = 600;
// A spike this far above the threshold is an event, not the noise the threshold should follow.
constexpr double kSpike = 15;
constexpr Duration kLongestStep = milliseconds(100);

}  // namespace

void OveruseDetector::adapt(double trend, Duration arrival) {
  if (!adapted_before_) last_arrival_ = arrival;
  adapted_before_ = true;
  const Duration step = std::clamp(arrival - last_arrival_, Duration{}, kLongestStep);
  last_arrival_ = arrival;
  const double size = std::abs(trend);
  if (size > threshold_ + kSpike) return;
  const double speed = size < threshold_ ? kAdaptDown : kAdaptUp;
  threshold_ += speed * (size - threshold_) * in_milliseconds(step);
  threshold_ = std::clamp(threshold_, kLeast, kMost);
}

LinkUse OveruseDetector::observe(double trend, Duration sent, Duration arrival) {
  if (trend > threshold_) {
    // Half of the first: on average it began in its middle.
    over_for_ += over_count_ == 0 ? sent / 2 : sent;
    ++over_count_;
    if (over_for_ > kOverAtLeast && over_count_ > 1 && trend >= last_trend_) {
      over_for_ = {};
      over_count_ = 0;
      use_ = LinkUse::kOver;
    }
  } else {
    over_for_ = {};
    over_count_ = 0;
    use_ = trend < -threshold_ ? LinkUse::kUnder : LinkUse::kNormal;
  }
  last_trend_ = trend;
  adapt(trend, arrival);
  return use_;
}

}  // namespace rooms
