// SPDX-License-Identifier: LGPL-2.1-or-later
// The sender's half of transport-wide congestion control: numbers what a connection sends,
// remembers it, and turns the peer's feedback into one result per packet. Not thread-safe: owned by
// the thread that sends on the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gst/core/endpoint/sequence_number.h"
#include "gst/core/rtcp/transport_feedback.h"
#include "gst/core/time.h"

namespace rooms {

struct PacketResult {
  std::int64_t sequence = 0;  ///< unwrapped
  Timestamp sent;
  /// On the peer's clock: only differences mean something. nullopt: did not arrive (yet).
  std::optional<Duration> arrival;
  std::uint32_t size = 0;
  std::uint32_t ssrc = 0;
  std::int32_t probe = -1;  ///< as given to record(); -1: ordinary media
  bool was_lost = false;    ///< an earlier result said it did not arrive
};

class TransportFeedbackHistory {
 public:
  struct Config {
    std::size_t capacity = 8192;  ///< packets; rounded up to a power of two, at most 32768
    Duration max_age = std::chrono::seconds(10);
  };

  TransportFeedbackHistory() : TransportFeedbackHistory(Config{}) {}
  explicit TransportFeedbackHistory(const Config& config);

  /// The number the next record() returns, for headers written before it is certain that they go
  /// out.
  [[nodiscard]] std::uint16_t next_sequence() const { return static_cast<std::uint16_t>(next_); }
  /// `size`: bytes on the wire that the estimator is to count.
  std::uint16_t record(Timestamp sent, std::uint32_t size, std::uint32_t ssrc,
                       std::int32_t probe = -1);

  /// Results in sequence order, valid until the next call. A packet that arrived is told once;
  /// numbers never sent, too old or told before are skipped.
  std::span<const PacketResult> resolve(const TransportFeedback& feedback, Timestamp now);

  /// Told of though never sent.
  [[nodiscard]] std::uint64_t never_sent() const { return never_sent_; }
  /// Sent and not told of yet.
  [[nodiscard]] std::size_t bytes_in_flight() const { return bytes_in_flight_; }

 private:
  enum class State : std::uint8_t {
    kFree,
    kInFlight,
    kUntold,  ///< feedback went past it: that packet of feedback got lost, or comes late
    kLost,
  };
  struct Sent {
    std::int64_t sequence = -1;
    Timestamp sent;
    std::uint32_t size = 0;
    std::uint32_t ssrc = 0;
    std::int32_t probe = -1;
    State state = State::kFree;
  };
  Sent& slot_of(std::int64_t sequence) { return ring_[static_cast<std::size_t>(sequence) & mask_]; }
  void expire(Timestamp now);
  void leave_flight(Sent& packet, State state);
  /// Everything before `sequence` is no longer in flight.
  void settle_before(std::int64_t sequence);
  [[nodiscard]] Duration unwrap_reference(std::int32_t reference);
  void tell(std::int64_t sequence, const FeedbackStatus& status, Duration reference);

  Duration max_age_;
  std::size_t mask_;
  std::vector<Sent> ring_;
  static constexpr std::int64_t kFirst = 1;
  static constexpr std::int64_t kBetweenExpiries = 32;  ///< packets
  std::int64_t next_ = kFirst;
  std::int64_t oldest_ = kFirst;   ///< everything before it is forgotten
  std::int64_t settled_ = kFirst;  ///< everything before it has left the flight
  std::size_t bytes_in_flight_ = 0;
  std::uint64_t never_sent_ = 0;
  std::optional<std::int64_t> reference_;  ///< unwrapped reference time of the latest feedback
  std::vector<PacketResult> results_;
};

}  // namespace rooms
