// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/rate_control.h"

#include <algorithm>
#include <cmath>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// By how long the queue stands: a long one takes long to drain at 85 % of what arrives, and whoever
// talks waits for it; a short one needs no more than 90 %.
constexpr double kDecrease = 0.92;
constexpr double kDecreasePerSecond = 0.7;
constexpr double kMostDecrease = 0.6;
// Of what arrived while the queue grew: that is the link's capacity, and a queue that has drained
// needs no more room than this.
constexpr double kResume = 0.95;
constexpr Duration kDrained = milliseconds(5);
// If it has not after this time, others keep it full.
constexpr Duration kDrainWithin = seconds(2);
constexpr double kRateGrowthPerSecond = 1.08;
// Beyond it the estimate would rest on nothing that was ever sent.
constexpr double kAheadOfArrived = 1.5;
// Of what the link carried when it was last full; whether that is more by now probes tell.
constexpr double kBeyondCapacity = 1.03;
constexpr DataRate kAheadAtLeast = DataRate::kilobits_per_second(10);
constexpr DataRate kLeastGrowth = DataRate::kilobits_per_second(4);
constexpr double kPacketBits = 1200 * 8;
constexpr double kFramesPerSecond = 30;

/// One packet more per response time, in bits per second and second.
DataRate growth_near_capacity(DataRate estimate, Duration round_trip) {
  const double frame = static_cast<double>(estimate.bits_per_second()) / kFramesPerSecond;
  const double packets = std::ceil(frame / kPacketBits);
  const double response = in_seconds(round_trip + milliseconds(100));
  const auto growth =
      DataRate::bits_per_second(static_cast<std::int64_t>(frame / packets / response));
  return std::max(growth, kLeastGrowth);
}

}  // namespace

void RateControl::set_bounds(DataRate min, DataRate max) {
  min_ = min;
  max_ = std::max(min, max);
  set(estimate_);
}

bool RateControl::may_decrease(const Input& input, Timestamp now) const {
  if (!last_decrease_) return true;
  const Duration spacing =
      std::clamp<Duration>(input.round_trip, milliseconds(10), milliseconds(200));
  return now - *last_decrease_ >= spacing || (input.arrived && *input.arrived < estimate_ * 0.5);
}

void RateControl::decrease(const Input& input, Timestamp now) {
  last_increase_.reset();
  if (!may_decrease(input, now)) return;
  last_decrease_ = now;
  // What arrives of a sender that has little to send is no measure of the link.
  const auto carried = input.full ? input.full : input.arrived;
  if (!carried) {
    set(estimate_ * 0.5);
    return;
  }
  const double factor = std::clamp(kDecrease - kDecreasePerSecond * in_seconds(input.waiting),
                                   kMostDecrease, kDecrease);
  DataRate target = *carried * factor;
  if (target > estimate_ && capacity_.mean()) target = *capacity_.mean() * factor;
  set(std::min(target, estimate_));
  if (capacity_.is_below(*carried)) capacity_.reset();
  capacity_.observe(*carried);
  resume_at_ = *carried * kResume;
}

bool RateControl::is_draining(const Input& input, Timestamp now) {
  if (!resume_at_) return false;
  const Duration since = now - *last_decrease_;
  if (since < input.round_trip) return true;
  if (input.waiting > kDrained) return since < kDrainWithin;
  if (*resume_at_ > estimate_) set(*resume_at_);
  resume_at_.reset();
  return false;
}

void RateControl::increase(const Input& input, Timestamp now) {
  if (input.arrived && capacity_.is_above(*input.arrived)) capacity_.reset();
  const Duration since =
      last_increase_ ? std::min<Duration>(now - *last_increase_, seconds(1)) : Duration{};
  last_increase_ = now;
  if (is_draining(input, now) || !input.arrived) return;
  // A sender that does not follow the estimate has shown already what the link carries.
  if (input.waiting <= kDrained) set(std::max(estimate_, *input.arrived * kResume));
  // Only probes tell whether there is more than what is not even used.
  if (input.application_limited) return;
  DataRate most = *input.arrived * kAheadOfArrived + kAheadAtLeast;
  if (capacity_.mean()) most = std::min(most, *capacity_.mean() * kBeyondCapacity + kAheadAtLeast);
  if (estimate_ >= most) return;
  const double time = in_seconds(since);
  const DataRate next = capacity_.mean()
                            ? estimate_ + growth_near_capacity(estimate_, input.round_trip) * time
                            : std::max(estimate_ * std::pow(kRateGrowthPerSecond, time),
                                       estimate_ + DataRate::kilobits_per_second(1) * time);
  set(std::min(next, most));
}

DataRate RateControl::update(const Input& input, Timestamp now) {
  switch (input.use) {
    case LinkUse::kOver:
      decrease(input, now);
      break;
    case LinkUse::kUnder:
      last_increase_.reset();  // the queue drains: let it
      break;
    case LinkUse::kNormal:
      increase(input, now);
  }
  return estimate_;
}

void RateControl::raise(DataRate found, Timestamp now) {
  if (found <= estimate_) return;
  set(found);
  if (capacity_.is_above(found)) capacity_.reset();
  resume_at_.reset();
  last_increase_ = now;
}

}  // namespace rooms
