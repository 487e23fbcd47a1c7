// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/layer_filter.h"

#include "gst/core/forward/seqnum.h"

namespace rooms {
namespace {

constexpr int kHorizon = 64;
constexpr TargetSet kFirstColumn = 0x0101010101010101U;

std::uint64_t bit(int n) { return std::uint64_t{1} << n; }

}  // namespace

int LayerFilter::Line::age_of(const FrameLayers& layers, std::uint32_t at) const {
  if (layers.number_bits == 0) return at == timestamp ? 0 : is_newer(at, timestamp) ? -1 : kHorizon;
  const auto distance = unwrap_near(newest, layers.number, layers.number_bits) - newest;
  return static_cast<int>(-distance);
}

void LayerFilter::Line::advance(unsigned steps) {
  const std::uint64_t leaving = steps >= kHorizon ? left_out
                                : steps == 0      ? 0
                                             : left_out >> (kHorizon - static_cast<int>(steps));
  older_left_out = steps >= kHorizon ? left_out != 0 : older_left_out || leaving != 0;
  left_out = steps >= kHorizon ? 0 : left_out << steps;
  decided = steps >= kHorizon ? 0 : decided << steps;
  // What was left out so long ago that nothing since has been: no frame can mean it any more.
  if (left_out == 0 && leaving == 0) older_left_out = false;
}

/// `age`: of the frame that has the needs.
bool LayerFilter::Line::lacks(int age, std::uint64_t needs, bool needs_older) const {
  if (needs_older && older_left_out) return true;
  if (age < 0) {
    const int ahead = -age;
    if (ahead > kHorizon) return false;
    // needs bit n is n + 1 numbers before the frame, that is n + 1 - ahead before the newest.
    return ((needs >> (ahead - 1)) & left_out) != 0;
  }
  if (age + 1 >= kHorizon) return false;
  return ((needs << (age + 1)) & left_out) != 0;
}

void LayerFilter::join() {
  for (auto& line : lines_) line = {};
  intact_ = ~TargetSet{0};
  picture_.reset();
  contradictions_ = 0;
  contradicted_ = wants_keyframe_ = false;
}

bool LayerFilter::has_needs(const FrameLayers& layers, int age) const {
  if (layers.number_bits == 0 || contradictions_ >= kPatience) return true;
  const Line& line = lines_[layers.line];
  if (line.started ? line.lacks(age, layers.needs, layers.needs_older)
                   : layers.needs != 0 || layers.needs_older)
    return false;
  if (!layers.needs_below) return true;
  const Line& below = lines_[layers.line - 1U];
  if (!below.started) return false;
  const int age_below = below.age_of(layers, 0);
  return age_below < 0 || age_below >= kHorizon || (below.left_out & bit(age_below)) == 0;
}

TargetSet LayerFilter::begun_by(const FrameLayers& layers) const {
  if (!layers.switches_above) return layers.switches;
  const TargetSet rows = (intact_ >> *layers.switches_above) & kFirstColumn;
  return layers.switches & (rows * 0xFF);
}

TargetSet LayerFilter::reachable(const FrameLayers& layers, bool has_what_it_needs) const {
  return layers.exist & (intact_ | (has_what_it_needs ? begun_by(layers) : 0));
}

void LayerFilter::choose_target(const FrameLayers& layers, bool has_what_it_needs) {
  const auto wished = highest_target(layers.exist, limit_);
  const auto possible = highest_target(reachable(layers, has_what_it_needs), limit_);
  if (possible) target_ = *possible;
  // Temporal layers come by themselves; spatial ones need a keyframe.
  wants_keyframe_ = !possible || (wished && wished->spatial != possible->spatial);
}

DropReason LayerFilter::reason_against(const FrameLayers& layers) const {
  const bool in_time = layers.spatial <= target_.spatial && layers.temporal > target_.temporal;
  return in_time ? DropReason::kTemporalLayer : DropReason::kSpatialLayer;
}

LayerFilter::Verdict LayerFilter::judge(const FrameLayers& layers, bool has_what_it_needs) {
  Verdict verdict;
  const bool present = (layers.present & target_.bit()) != 0;
  if (!present) {
    verdict.reason = reason_against(layers);
  } else if (!has_what_it_needs) {
    verdict.reason = DropReason::kUndecodable;
    if ((layers.required & target_.bit()) != 0 && layers.temporal == 0) {
      verdict.wants_keyframe = true;
      contradicted_ = true;
    }
  }
  if (!verdict.forward()) {
    intact_ &= ~layers.required;
    return verdict;
  }
  intact_ |= begun_by(layers);
  return verdict;
}

void LayerFilter::begin_anew() {
  intact_ = ~TargetSet{0};
  if (contradictions_ < kPatience) contradictions_ = contradicted_ ? contradictions_ + 1 : 0;
  contradicted_ = false;
}

LayerFilter::Verdict LayerFilter::decide(const FrameInfo& frame, std::uint32_t timestamp) {
  const auto& layers = frame.layers;
  Line& line = lines_[layers.line];
  const int age = line.started ? line.age_of(layers, timestamp) : -1;
  const bool has_what_it_needs = has_needs(layers, age);
  if (picture_ != timestamp && age < 0) {
    picture_ = timestamp;
    if (frame.keyframe) begin_anew();
    choose_target(layers, has_what_it_needs);
  }
  Verdict verdict = judge(layers, has_what_it_needs);
  verdict.wants_keyframe = verdict.wants_keyframe || wants_keyframe_;
  if (age < 0) {
    line.advance(line.started ? static_cast<unsigned>(-age) : 1);
    line.started = true;
    line.newest =
        layers.number_bits == 0 ? static_cast<std::uint16_t>(line.newest + 1) : layers.number;
    line.timestamp = timestamp;
  }
  const int place = age < 0 ? 0 : age;
  if (place < kHorizon) {
    line.decided |= bit(place);
    if (!verdict.forward()) line.left_out |= bit(place);
    if (verdict.forward()) line.left_out &= ~bit(place);
  }
  return verdict;
}

LayerFilter::Verdict LayerFilter::consider(const FrameInfo& frame, std::uint32_t timestamp) {
  const auto& layers = frame.layers;
  const Line& line = lines_[layers.line];
  const int age = line.started ? line.age_of(layers, timestamp) : -1;
  Verdict verdict;
  if (age >= 0 && age < kHorizon && (line.decided & bit(age)) != 0) {
    if ((line.left_out & bit(age)) != 0) verdict.reason = reason_against(layers);
  } else {
    verdict = decide(frame, timestamp);
  }
  verdict.ends_picture = verdict.forward() && frame.frame_end && layers.spatial == target_.spatial;
  return verdict;
}

}  // namespace rooms
