// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/acknowledged_rate.h"

#include <cmath>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFirstWindow = milliseconds(500);
constexpr Duration kWindow = milliseconds(150);
constexpr Duration kLongestSilence = seconds(2);
// A window that differs much from the estimate is trusted less: one frame more or less in it.
constexpr double kDistrust = 10;
constexpr double kDrift = 5;
constexpr double kNarrower = 0.7;

}  // namespace

void AcknowledgedRate::close(Duration length) {
  latest_ = in_window_ / length;
  in_window_ = {};
  if (!rate_) {
    rate_ = latest_;
    return;
  }
  const double sample = latest_.kilobits_per_second();
  const double expected = rate_->kilobits_per_second();
  const double noise = kDistrust * std::abs(expected - sample) / (expected + 1);
  const double noise_squared = noise * noise;
  const double prior = uncertainty_ + kDrift;
  // A Kalman filter of one constant.
  const double updated = (noise_squared * expected + prior * sample) / (noise_squared + prior);
  uncertainty_ = noise_squared * prior / (noise_squared + prior);
  rate_ = DataRate::bits_per_second(static_cast<std::int64_t>(updated * 1000));
}

void AcknowledgedRate::observe(Duration arrival, DataSize size) {
  const Duration since = window_begin_ ? arrival - last_arrival_ : Duration{};
  if (!window_begin_ || since > kLongestSilence || since < -kLongestSilence) {
    window_begin_ = arrival;
    last_arrival_ = arrival;
    in_window_ = {};
    return;  // opens the window: its own bytes came before it
  }
  if (arrival < *window_begin_) return;  // late: belongs to one that is closed
  in_window_ += size;
  if (since > Duration{}) last_arrival_ = arrival;
  const Duration length = last_arrival_ - *window_begin_;
  if (length < (rate_ ? kWindow : kFirstWindow)) return;
  close(length);
  window_begin_ = last_arrival_;
}

std::optional<DataRate> AcknowledgedRate::rate_of_full_link() const {
  return rate_ && latest_ < *rate_ * kNarrower ? latest_ : rate_;
}

}  // namespace rooms
