// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/transport_feedback_generator.h"

#include <algorithm>
#include <cstdlib>

namespace rooms {

void TransportFeedbackGenerator::observe(std::uint16_t sequence, Timestamp arrival) {
  const std::int64_t before = unwrapper_.peek(sequence);
  if (!next_base_) next_base_ = before;
  const std::int64_t newest = pending_.empty() ? *next_base_ : pending_.back().sequence;
  if (std::abs(before - newest) > config_.restart_distance) {
    pending_.clear();
    next_base_ = before;
  }
  const std::int64_t number = unwrapper_.unwrap(sequence);

  const auto at = std::lower_bound(
      pending_.begin(), pending_.end(), number,
      [](const FeedbackArrival& a, std::int64_t wanted) { return a.sequence < wanted; });
  if (at != pending_.end() && at->sequence == number) return;
  if (pending_.empty()) first_pending_ = arrival;
  pending_.insert(at, {number, arrival});
  if (pending_.size() > config_.max_pending) {
    pending_.erase(pending_.begin());
    next_base_ = std::max(*next_base_, pending_.front().sequence);
  }
}

std::optional<Timestamp> TransportFeedbackGenerator::due() const {
  if (pending_.empty()) return std::nullopt;
  if (pending_.size() >= config_.max_pending / 2) return first_pending_;
  return *first_pending_ + config_.interval;
}

bool TransportFeedbackGenerator::write(RtcpWriter& writer, std::uint32_t sender_ssrc,
                                       std::uint32_t media_ssrc) {
  if (pending_.empty()) return false;
  std::span<const FeedbackArrival> arrivals(pending_);
  std::int64_t base = *next_base_;
  if (arrivals.front().sequence < base) {
    // Told as lost before. Only neighbours go together: what stands between others may have been
    // told as received.
    base = arrivals.front().sequence;
    std::size_t count = 1;
    while (count < arrivals.size() && arrivals[count].sequence < *next_base_ &&
           arrivals[count].sequence == arrivals[count - 1].sequence + 1) {
      ++count;
    }
    arrivals = arrivals.first(count);
  }
  const FeedbackWritten written =
      writer.transport_feedback(sender_ssrc, media_ssrc, feedback_count_, base, arrivals);
  if (written.size == 0) return false;
  ++feedback_count_;
  next_base_ = std::max(*next_base_, arrivals[written.arrivals - 1].sequence + 1);
  pending_.erase(pending_.begin(),
                 pending_.begin() + static_cast<std::ptrdiff_t>(written.arrivals));
  return true;
}

}  // namespace rooms
