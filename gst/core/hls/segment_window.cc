// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/segment_window.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

std::uint64_t bitrate_of(std::uint64_t bytes, Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return ms <= 0 ? 0 : bytes * 8 * 1000 / static_cast<std::uint64_t>(ms);
}

}  // namespace

std::uint64_t SegmentWindow::media_sequence() const {
  if (!segments_.empty()) return segments_.front().number;
  return open_ ? open_->number : next_number_;
}

std::uint64_t SegmentWindow::peak_bitrate() const {
  return peak_bitrate_ > 0 ? peak_bitrate_ : average_bitrate();
}

std::uint64_t SegmentWindow::average_bitrate() const { return bitrate_of(total_bytes_, total_); }

unsigned SegmentWindow::oldest_init() const {
  if (!retired_.empty()) return retired_.front().segment.init;
  if (!segments_.empty()) return segments_.front().init;
  return open_ ? open_->init : 0;
}

void SegmentWindow::begin(Duration wall_clock, unsigned init, bool discontinuity) {
  HlsSegment segment;
  segment.number = next_number_++;
  segment.wall_clock = wall_clock;
  segment.init = init;
  segment.discontinuity = discontinuity;
  open_ = std::move(segment);
  open_bytes_ = 0;
}

void SegmentWindow::add_part(const HlsPart& part, std::size_t bytes) {
  if (open_->parts.empty()) open_->independent = part.independent;
  open_->duration += part.duration;
  open_->parts.push_back(part);
  // A gap that is bridged makes a part look longer than what may be said of one.
  if (has_parts()) open_->parts.back().duration = std::min(part.duration, config_.part);
  open_bytes_ += bytes;
}

void SegmentWindow::end(Timestamp now) {
  if (2 * open_->duration >= config_.target_duration)
    peak_bitrate_ = std::max(peak_bitrate_, bitrate_of(open_bytes_, open_->duration));
  total_bytes_ += open_bytes_;
  total_ += open_->duration;
  length_ += open_->duration;
  segments_.push_back(std::move(*open_));
  open_.reset();
  // RFC 8216bis 6.2.2: never less than three target durations.
  const Duration least = std::max<Duration>(config_.window, 3 * config_.target_duration);
  longest_ = std::max(longest_, length_);
  while (length_ - segments_.front().duration >= least) {
    auto& oldest = segments_.front();
    length_ -= oldest.duration;
    if (oldest.discontinuity) ++discontinuity_sequence_;
    const Timestamp until = now + oldest.duration + longest_;
    retired_.push_back({std::move(oldest), until});
    segments_.pop_front();
  }
}

std::vector<HlsSegment> SegmentWindow::take_expired(Timestamp now) {
  std::vector<HlsSegment> expired;
  while (!retired_.empty() && retired_.front().until <= now) {
    expired.push_back(std::move(retired_.front().segment));
    retired_.pop_front();
  }
  return expired;
}

}  // namespace rooms
