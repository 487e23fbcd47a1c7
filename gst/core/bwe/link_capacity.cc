// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/link_capacity.h"

#include <algorithm>
#include <cmath>

namespace rooms {
namespace {

constexpr double kWeight = 0.05;
constexpr double kLeastVariance = 0.4;
constexpr double kMostVariance = 2.5;

}  // namespace

double LinkCapacity::deviation() const { return std::sqrt(variance_ * *mean_); }

void LinkCapacity::observe(DataRate arrived) {
  const double sample = arrived.kilobits_per_second();
  if (!mean_) {
    mean_ = sample;
    return;
  }
  const double off = *mean_ - sample;
  mean_ = (1 - kWeight) * *mean_ + kWeight * sample;
  variance_ = (1 - kWeight) * variance_ + kWeight * off * off / std::max(*mean_, 1.0);
  variance_ = std::clamp(variance_, kLeastVariance, kMostVariance);
}

bool LinkCapacity::is_above(DataRate rate) const {
  return mean_ && rate.kilobits_per_second() > *mean_ + 3 * deviation();
}

bool LinkCapacity::is_below(DataRate rate) const {
  return mean_ && rate.kilobits_per_second() < *mean_ - 3 * deviation();
}

}  // namespace rooms
