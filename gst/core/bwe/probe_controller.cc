// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/probe_controller.h"

#include <algorithm>
#include <iterator>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kFirstSteps[] = {3, 6};
constexpr double kStep = 2;
// A probe has succeeded, and another follows, when so much of its rate was found.
constexpr double kSuccess = 0.7;
// More than what is wanted, so that a little less of it is no want at once.
constexpr double kEnough = 1.25;
constexpr double kPartialSuccess = 0.55;
constexpr Duration kResultWithin = seconds(1);
constexpr Duration kInterval = seconds(5);
constexpr double kLargeDrop = 0.66;
constexpr Duration kDropWithin = seconds(5);
constexpr Duration kSoon = seconds(2);
constexpr Duration kShortQueue = milliseconds(15);
// Long enough to outlast a small token bucket, which would let a shorter cluster pass at once.
constexpr Duration kLength = milliseconds(40);
constexpr DataSize kLeastSize = DataSize::bytes(5000);
constexpr unsigned kPackets = 5;

}  // namespace

bool ProbeController::covers_wishes(const Input& input) {
  return input.estimate >= input.wanted * kEnough;
}

void ProbeController::want(DataRate rate) {
  if (pending_count_ < pending_.size()) pending_[pending_count_++] = rate;
}

/// By now the estimate or the limits may have changed.
std::optional<DataRate> ProbeController::take_pending(const Input& input) {
  if (covers_wishes(input)) pending_count_ = 0;
  while (pending_count_ > 0) {
    const DataRate rate = std::min({pending_[0], input.max, input.wanted * 2});
    pending_[0] = pending_[1];
    --pending_count_;
    if (rate > input.estimate) return rate;
  }
  return std::nullopt;
}

bool ProbeController::is_due(const Input& input, Timestamp now) const {
  if (input.use != LinkUse::kNormal || input.waiting > kShortQueue) return false;
  if (now - *last_ >= kInterval) return true;
  if (now - *last_ < kSoon) return false;
  return !is_answered_ || (hopes_ && now - *hopes_ >= kSoon);
}

std::optional<ProbePlan> ProbeController::next(const Input& input, Timestamp now) {
  if (!last_) {
    for (const double step : kFirstSteps) want(input.estimate * step);
    last_ = now;
  } else if (pending_count_ == 0 && is_due(input, now)) {
    want(input.estimate * kStep);
    last_ = now;
    is_answered_ = true;
    hopes_.reset();
  }
  const auto rate = take_pending(input);
  if (!rate) return std::nullopt;
  last_ = now;
  last_rate_ = *rate;
  is_answered_ = false;
  // The first steps are large, and most lines end one of them: those are kept short.
  const bool is_first = next_id_ < static_cast<std::int32_t>(std::size(kFirstSteps));
  const auto least = is_first ? DataSize() : kLeastSize;
  return ProbePlan{next_id_++, *rate, std::max(*rate * kLength, least), kPackets};
}

void ProbeController::observe_result(DataRate found, Timestamp now) {
  if (!last_ || now - *last_ > kResultWithin) return;
  is_answered_ = true;
  if (found < last_rate_ * kSuccess) {
    // Neither failed nor as hoped: short clusters measure roughly.
    if (found > last_rate_ * kPartialSuccess) hopes_ = now;
  } else if (pending_count_ == 0) {
    want(found * kStep);
  }
}

void ProbeController::observe_estimate(DataRate estimate, Timestamp now) {
  if (estimate >= before_drop_ || now - before_drop_at_ > kDropWithin) {
    before_drop_ = estimate;
    before_drop_at_ = now;
  } else if (estimate < before_drop_ * kLargeDrop) {
    hopes_ = now;
    before_drop_ = estimate;
    before_drop_at_ = now;
  }
}

}  // namespace rooms
