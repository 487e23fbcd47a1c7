// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/trendline.h"

#include <algorithm>

#include "gst/core/units.h"

namespace rooms {
namespace {

constexpr double kSmoothing = 0.9;
constexpr double kGain = 4;
constexpr std::size_t kMostWeight = 60;

}  // namespace

void Trendline::observe(const GroupDelta& delta) {
  arrival_ += in_milliseconds(delta.arrived);
  delay_ += in_milliseconds(delta.arrived - delta.sent);
  smoothed_ = kSmoothing * smoothed_ + (1 - kSmoothing) * delay_;
  points_[count_++ % kWindow] = {arrival_, smoothed_};
  if (count_ >= kWindow) fit();
}

void Trendline::fit() {
  // Relative to the oldest point, so that the precision does not depend on the length of a call.
  const Point origin = points_[count_ % kWindow];
  double mean_arrival = 0;
  double mean_delay = 0;
  for (const Point& point : points_) {
    mean_arrival += point.arrival - origin.arrival;
    mean_delay += point.delay - origin.delay;
  }
  mean_arrival /= kWindow;
  mean_delay /= kWindow;
  double covariance = 0;
  double variance = 0;
  for (const Point& point : points_) {
    const double arrival = point.arrival - origin.arrival - mean_arrival;
    covariance += arrival * (point.delay - origin.delay - mean_delay);
    variance += arrival * arrival;
  }
  if (variance > 0) slope_ = covariance / variance;
}

double Trendline::weighted() const {
  return slope_ * kGain * static_cast<double>(std::min(count_, kMostWeight));
}

}  // namespace rooms
