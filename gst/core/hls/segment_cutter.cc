// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/segment_cutter.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;

/// A keyframe that comes so much too early is the next slot's: RTP rounds times.
constexpr Duration kEarly = milliseconds(10);
/// Keyframes come by themselves at about the right time; later than that one is asked for.
constexpr Duration kLate = milliseconds(300);
/// What is further apart does not belong together.
constexpr Duration kLongestGap = std::chrono::seconds(1);
/// Rounded it is still the target duration.
constexpr Duration kRounding = milliseconds(450);
/// RFC 8216bis 4.4.3.7: a part that is not the last one has at least 85 % of the target.
constexpr int kLeastPartPercent = 85;

}  // namespace

std::chrono::seconds SegmentCutter::target_duration() const {
  // Room for a keyframe that is late.
  return std::chrono::ceil<std::chrono::seconds>(config_.segment) + std::chrono::seconds(1);
}

std::int64_t SegmentCutter::slot_of(Duration time) const {
  const Duration since = time + config_.phase + kEarly;
  const auto slots = since / config_.segment;
  return since < slots * config_.segment ? slots - 1 : slots;
}

bool SegmentCutter::wants_keyframe() const {
  if (!config_.at_keyframes || !last_) return false;
  return drops_ || interrupted_ || slot_of(*last_ - kLate) > slot_of(segment_start_);
}

SegmentCutter::Decision SegmentCutter::decide(Duration time, bool keyframe, bool new_setup) const {
  if (!last_) return {Cut::kSegment, time};
  const bool may_begin = keyframe || !config_.at_keyframes;
  const Duration step = time - *last_;
  const bool jumps = step > kLongestGap || step < -kLongestGap;
  if (jumps || new_setup || interrupted_) {
    const Duration end = jumps ? *last_ + interval_ : std::max(time, *last_);
    if (may_begin) return {Cut::kDiscontinuity, end};
    if (jumps) return {Cut::kDrop, end};
  }
  const Duration end = std::max(time, *last_);
  const Duration age = end - segment_start_;
  if (may_begin && slot_of(end) > slot_of(segment_start_)) return {Cut::kSegment, end};
  if (age + interval_ > target_duration() + kRounding) return {Cut::kSegment, end};
  if (config_.part > Duration::zero() &&
      end - part_start_ >= config_.part * kLeastPartPercent / 100)
    return {Cut::kPart, end};
  return {Cut::kNothing, end};
}

SegmentCutter::Decision SegmentCutter::consider(Duration time, bool keyframe, bool new_setup) {
  const auto decision = decide(time, keyframe, new_setup);
  drops_ = decision.cut == Cut::kDrop;
  if (drops_) return decision;
  if (last_ && time > *last_ && time - *last_ <= kLongestGap) interval_ = time - *last_;
  const bool begins = decision.cut == Cut::kSegment || decision.cut == Cut::kDiscontinuity;
  const Duration start = decision.cut == Cut::kDiscontinuity ? time : decision.end;
  if (begins) segment_start_ = start;
  if (begins || decision.cut == Cut::kPart) part_start_ = start;
  if (decision.cut == Cut::kDiscontinuity) interrupted_ = false;
  last_ = start > time ? start : time;
  return decision;
}

}  // namespace rooms
