// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/loss_control.h"

#include <algorithm>
#include <cmath>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLeastWindow = milliseconds(200);
constexpr Duration kMostWindow = seconds(1);
constexpr int kEnoughPackets = 25;
constexpr double kLossSmoothing = 1;  // seconds

constexpr double kLow = 0.02;   // below: rise
constexpr double kHigh = 0.06;  // above: cut
constexpr double kGrowthPerSecond = 1.15;
constexpr double kOfFull = 0.85;
constexpr Duration kCutSpacing = milliseconds(300);

// Loss with a shorter queue than this is not of a full queue, unless that is a very short one or
// somebody polices the rate; therefore what is forgiven stays small.
constexpr Duration kNoQueue = milliseconds(15);
constexpr double kMostInherent = 0.06;
constexpr double kLearnUp = 5;    // seconds
constexpr double kLearnDown = 2;  // seconds

double weight(double time, double constant) { return 1 - std::exp(-time / constant); }

}  // namespace

void LossControl::observe(const Input& input, Timestamp now) {
  if (!window_begin_) window_begin_ = now;
  lost_ += input.lost;
  received_ += input.received;
  const Duration length = now - *window_begin_;
  const int packets = lost_ + received_;
  if (length < kLeastWindow || (packets < kEnoughPackets && length < kMostWindow)) return;
  if (packets > 0) close(input, now);
  window_begin_ = now;
  // What came late corrects the next window as well.
  lost_ = std::min(lost_, 0);
  received_ = 0;
}

void LossControl::close(const Input& input, Timestamp now) {
  const double time = std::min(in_seconds(now - *window_begin_), 2.0);
  const double sample = std::clamp(static_cast<double>(lost_) / (lost_ + received_), 0.0, 1.0);
  ratio_ += weight(time, kLossSmoothing) * (sample - ratio_);
  learn_inherent(input, time);
  decide(input, now, time);
}

void LossControl::learn_inherent(const Input& input, double time) {
  if (ratio_ < inherent_) {
    inherent_ += weight(time, kLearnDown) * (ratio_ - inherent_);
  } else if (input.waiting < kNoQueue && inherent_ < kMostInherent) {
    inherent_ += weight(time, kLearnUp) * (std::min(ratio_, kMostInherent) - inherent_);
  }
}

void LossControl::cut(const Input& input, Timestamp now, double excess) {
  if (last_cut_ && now - *last_cut_ < kCutSpacing + input.round_trip) return;
  last_cut_ = now;
  const auto before = std::min(ceiling_, input.estimate);
  ceiling_ = before * (1 - 0.5 * excess);
  // A full queue is the delay's business, which knows its width; here only what is beyond it.
  if (input.full) ceiling_ = std::max(ceiling_, std::min(before, *input.full * kOfFull));
}

void LossControl::decide(const Input& input, Timestamp now, double time) {
  const double excess = ratio_ - inherent_;
  if (excess > kHigh) {
    cut(input, now, excess);
    return;
  }
  if (excess > kLow) {
    ceiling_ = std::min(ceiling_, input.estimate);
    return;
  }
  if (ceiling_ == DataRate::unlimited()) return;
  ceiling_ = std::max(ceiling_, input.estimate) * std::pow(kGrowthPerSecond, time);
  if (ceiling_ > input.estimate * 2) ceiling_ = DataRate::unlimited();
}

void LossControl::raise(DataRate found) {
  if (ratio_ - inherent_ <= kHigh && ceiling_ < found) ceiling_ = found;
}

}  // namespace rooms
