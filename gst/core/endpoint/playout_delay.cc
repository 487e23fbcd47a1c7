// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/playout_delay.h"

#include <algorithm>

#include "gst/core/endpoint/sequence_number.h"

namespace rooms {
namespace {

constexpr Duration kUnit = std::chrono::milliseconds(10);

std::uint32_t in_units(Duration delay) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(delay / kUnit, 0, 0xFFF));
}

}  // namespace

void PlayoutDelay::observe_request(Timestamp now) {
  requests_[requested_ % kRequests] = now;
  ++requested_;
}

void PlayoutDelay::observe_loss(double fraction) {
  // Of a report a second, with tens of packets in it.
  loss_ += (fraction - loss_) / 3;
}

Duration PlayoutDelay::wanted(std::optional<Duration> round_trip, Timestamp now) const {
  if (!round_trip || *round_trip > config_.most || requested_ < kRequests) return {};
  const auto earliest = requests_[requested_ % kRequests];
  if (now - earliest > config_.memory) return {};
  auto enough = *round_trip + config_.margin;
  if (loss_ >= config_.often) enough += std::max(*round_trip, config_.repeat);
  enough = std::min(enough, config_.most);
  return (enough + kUnit / 2) / kUnit * kUnit;
}

void PlayoutDelay::consider(std::optional<Duration> round_trip, Timestamp now) {
  const auto enough = wanted(round_trip, now);
  if (enough > minimum_ - config_.step) {
    less_since_.reset();
    if (enough >= minimum_ + config_.step) minimum_ = enough;
    return;
  }
  if (!less_since_) {
    less_since_ = now;
    most_since_ = {};
  }
  most_since_ = std::max(most_since_, enough);
  if (now - *less_since_ < config_.patience) return;
  minimum_ = most_since_;
  less_since_.reset();
}

std::uint32_t PlayoutDelayNotice::tell(Duration minimum, std::uint16_t sequence, Timestamp now) {
  is_told_ = true;
  if (minimum > Duration{}) {
    default_since_.reset();
    last_.reset();
  } else if (!default_since_) {
    default_since_ = now;
  } else if (!last_ && now - *default_since_ >= kTaking) {
    last_ = sequence;
  }
  return in_units(minimum) << 12 | in_units(kMaximum);
}

void PlayoutDelayNotice::observe_report(std::uint16_t highest_sequence) {
  if (!last_ || sequence_distance(*last_, highest_sequence) < 0) return;
  is_told_ = false;
  default_since_.reset();
  last_.reset();
}

}  // namespace rooms
