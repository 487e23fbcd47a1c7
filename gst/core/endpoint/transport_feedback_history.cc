// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/transport_feedback_history.h"

#include <algorithm>
#include <bit>

namespace rooms {

TransportFeedbackHistory::TransportFeedbackHistory(const Config& config)
    : max_age_(config.max_age),
      mask_(std::bit_ceil(std::clamp<std::size_t>(config.capacity, 2, 32768)) - 1),
      ring_(mask_ + 1) {}

std::uint16_t TransportFeedbackHistory::record(Timestamp sent, std::uint32_t size,
                                               std::uint32_t ssrc, std::int32_t probe) {
  // The oldest is far away in memory: not with each packet.
  if (next_ % kBetweenExpiries == 0) expire(sent);
  Sent& slot = slot_of(next_);
  leave_flight(slot, State::kFree);
  slot = {next_, sent, size, ssrc, probe, State::kInFlight};
  bytes_in_flight_ += size;
  return static_cast<std::uint16_t>(next_++);
}

void TransportFeedbackHistory::leave_flight(Sent& packet, State state) {
  if (packet.state == State::kInFlight) bytes_in_flight_ -= packet.size;
  packet.state = state;
}

void TransportFeedbackHistory::expire(Timestamp now) {
  oldest_ = std::max(oldest_, next_ - static_cast<std::int64_t>(ring_.size()));
  for (; oldest_ < next_; ++oldest_) {
    Sent& packet = slot_of(oldest_);
    if (packet.state != State::kFree && now - packet.sent < max_age_) break;
    leave_flight(packet, State::kFree);
  }
}

void TransportFeedbackHistory::settle_before(std::int64_t sequence) {
  settled_ = std::max(settled_, oldest_);
  for (; settled_ < std::min(sequence, next_); ++settled_) {
    Sent& packet = slot_of(settled_);
    if (packet.state == State::kInFlight) leave_flight(packet, State::kUntold);
  }
}

Duration TransportFeedbackHistory::unwrap_reference(std::int32_t reference) {
  if (!reference_) reference_ = reference;
  const auto distance =
      static_cast<std::int32_t>(
          (static_cast<std::uint32_t>(reference) - static_cast<std::uint32_t>(*reference_)) << 8) >>
      8;
  *reference_ += distance;
  return *reference_ * kFeedbackReferenceTick;
}

void TransportFeedbackHistory::tell(std::int64_t sequence, const FeedbackStatus& status,
                                    Duration reference) {
  if (sequence < oldest_ || sequence >= next_) return;
  Sent& packet = slot_of(sequence);
  if (packet.state == State::kFree) return;
  if (!status.received && packet.state == State::kLost) return;

  PacketResult result{sequence,
                      packet.sent,
                      std::nullopt,
                      packet.size,
                      packet.ssrc,
                      packet.probe,
                      packet.state == State::kLost};
  if (status.received) result.arrival = reference + status.arrival;
  leave_flight(packet, status.received ? State::kFree : State::kLost);
  results_.push_back(result);
}

std::span<const PacketResult> TransportFeedbackHistory::resolve(const TransportFeedback& feedback,
                                                                Timestamp now) {
  results_.clear();
  expire(now);
  const Duration reference = unwrap_reference(feedback.reference_time);
  const std::int64_t last_sent = next_ - 1;
  std::int64_t sequence =
      last_sent + sequence_distance(static_cast<std::uint16_t>(last_sent), feedback.base_sequence);
  settle_before(sequence);
  TransportFeedbackReader reader(feedback);
  const std::int64_t end = sequence + feedback.status_count;
  const std::int64_t first_never_sent = std::clamp(next_, sequence, end);
  never_sent_ += static_cast<std::uint64_t>(end - first_never_sent);
  // Half of all numbers are nearer to those from before the first.
  if (sequence < kFirst)
    never_sent_ += static_cast<std::uint64_t>(std::min(end, kFirst) - sequence);
  // What follows would only cost time, of which a single packet can ask for much.
  while (sequence < first_never_sent) {
    const auto status = reader.next();
    if (!status) break;
    tell(sequence++, *status, reference);
  }
  return results_;
}

}  // namespace rooms
