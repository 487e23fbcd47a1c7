// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/remote_growth.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Peers stop growing when less than two thirds of what they allow arrives.
constexpr double kFill = 0.95;
// What is sent anyway is enough then.
constexpr double kFilled = 0.75;
// Long beside the time until the next one is asked for.
constexpr Duration kProbeLength = milliseconds(750);
// Less is no verdict on what was sent.
constexpr double kFall = 0.95;
// A line that was too full says so by then.
constexpr Duration kVerdictWithin = seconds(2);
constexpr Duration kFirstRest = seconds(8);
constexpr Duration kLongestRest = seconds(60);
// Not one of the estimator's own.
constexpr std::int32_t kNoProbe = -1;

}  // namespace

void RemoteGrowth::observe(DataRate limit, Timestamp now) {
  const bool fell = limit < known_ * kFall;
  known_ = limit;
  if (!fell || !padded_ || now - *padded_ > kVerdictWithin) return;
  padded_.reset();
  rest_ = std::clamp(rest_ * 2, kFirstRest, kLongestRest);
  rests_until_ = now + rest_;
}

std::optional<ProbePlan> RemoteGrowth::next(const Input& input, Timestamp now) {
  observe(input.limit, now);
  if (input.limit >= input.wanted) {
    rest_ = {};
    return std::nullopt;
  }
  if (now < rests_until_ || input.media >= input.limit * kFilled) return std::nullopt;
  padded_ = now;
  const DataRate rate = input.limit * kFill;
  return ProbePlan{kNoProbe, rate, rate * kProbeLength, 0};
}

}  // namespace rooms
