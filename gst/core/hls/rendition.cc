// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/rendition.h"

#include <algorithm>
#include <utility>

namespace rooms {

using Cut = SegmentCutter::Cut;

HlsRendition::HlsRendition(const Config& config)
    : config_(config),
      cutter_({config.video, config.segment, config.part, config.phase}),
      window_({cutter_.target_duration(), config.part, config.window}) {}

void HlsRendition::keep(const std::string& name, const SharedBytes& bytes) {
  files_[name].push_back(bytes);
}

void HlsRendition::take_setup(const StreamSetup& setup) {
  setup_ = setup;
  writer_ = std::make_unique<SegmentWriter>(ContainerTrack{setup, "gst-rooms"},
                                            FileDescription{"", config_.presentation_wall_clock});
  const auto init = std::make_shared<const std::vector<std::uint8_t>>(writer_->init_segment());
  bytes_ += init->size();
  keep(config_.names.init(++inits_), init);
}

void HlsRendition::end_part(Duration end) {
  if (!window_.open() || !writer_) return;
  const auto bytes = std::make_shared<const std::vector<std::uint8_t>>(writer_->cut(end));
  if (bytes->empty()) return;
  const auto& open = *window_.open();
  if (window_.has_parts()) keep(config_.names.part(open.number, open.parts.size()), bytes);
  open_.push_back(bytes);
  bytes_ += bytes->size();
  window_.add_part({end - part_start_, part_independent_}, bytes->size());
}

void HlsRendition::end_segment(Timestamp now) {
  if (!window_.open()) return;
  files_[config_.names.segment(window_.open()->number)] = std::exchange(open_, {});
  window_.end(now);
}

HlsRendition::Change HlsRendition::add(EncodedFrame frame, Duration time, Timestamp now) {
  const bool tells_setup = frame.keyframe && frame.setup.codec != Codec::kUnknown;
  if (!writer_ && !tells_setup) return {};
  const bool new_setup = writer_ && tells_setup && frame.setup != setup_;
  const auto decision = cutter_.consider(time, frame.keyframe, new_setup);
  if (decision.cut == Cut::kDrop) return {};
  Change change;
  if (decision.cut != Cut::kNothing) {
    end_part(decision.end);
    part_start_ = decision.cut == Cut::kDiscontinuity ? time : decision.end;
    part_independent_ = frame.keyframe;
    change.playlist = true;
  }
  const bool discontinuity = decision.cut == Cut::kDiscontinuity;
  if (discontinuity || decision.cut == Cut::kSegment) {
    end_segment(now);
    // Whoever begins later has the same numbers at the same moments.
    if (!writer_)
      window_.number_from(static_cast<std::uint64_t>(cutter_.slot_of(part_start_) -
                                                     cutter_.slot_of(Duration::zero())));
    if (!writer_ || new_setup) take_setup(frame.setup);
    window_.begin(config_.presentation_wall_clock + part_start_, inits_, discontinuity);
    change.discontinuity = discontinuity;
    if (discontinuity) ++discontinuities_;
  }
  writer_->add(std::move(frame), std::max(time, part_start_));
  return change;
}

void HlsRendition::interrupt() {
  if (writer_) return cutter_.interrupt();
  ++discontinuities_;
  window_.skip_discontinuity();
}

void HlsRendition::expire(Timestamp now) {
  for (const auto& segment : window_.take_expired(now)) {
    const auto whole = files_.extract(config_.names.segment(segment.number));
    if (whole)
      for (const auto& piece : whole.mapped()) bytes_ -= piece->size();
    for (std::size_t i = 0; i < segment.parts.size(); ++i)
      files_.erase(config_.names.part(segment.number, i));
  }
  for (; oldest_init_ < window_.oldest_init(); ++oldest_init_)
    if (const auto init = files_.extract(config_.names.init(oldest_init_)))
      bytes_ -= init.mapped().front()->size();
}

std::vector<SharedBytes> HlsRendition::file(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? std::vector<SharedBytes>() : found->second;
}

bool HlsRendition::is_hinted(std::string_view name) const {
  return window_.has_parts() && window_.open() &&
         name == config_.names.part(window_.open()->number, window_.open()->parts.size());
}

}  // namespace rooms
