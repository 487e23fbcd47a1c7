// SPDX-License-Identifier: LGPL-2.1-or-later
// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01):
// which packets came, and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "gst/core/bytes.h"
#include "gst/core/time.h"

namespace rooms {

/// Arrival times are counted in 250 us, reference times in 64 ms.
constexpr Duration kFeedbackTick = std::chrono::microseconds(250);
constexpr Duration kFeedbackReferenceTick = std::chrono::milliseconds(64);

/// Validated: as many deltas as the chunks promise are there. A view into the packet it was read
/// from.
struct TransportFeedback {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::uint16_t base_sequence = 0;
  std::uint16_t status_count = 0;
  std::int32_t reference_time = 0;  ///< 24 bits, signed, in 64 ms
  std::uint8_t feedback_count = 0;
  Bytes chunks;
  Bytes deltas;
};

/// `packet` is one RTCP packet, header included. nullopt: not transport feedback, or contradicting
/// itself.
std::optional<TransportFeedback> parse_transport_feedback(Bytes packet);

struct FeedbackStatus {
  std::uint16_t sequence = 0;
  bool received = false;
  /// Since the reference time of this feedback; zero if not received.
  Duration arrival{};
};

/// One status after the other, in sequence order.
class TransportFeedbackReader {
 public:
  explicit TransportFeedbackReader(const TransportFeedback& feedback);
  std::optional<FeedbackStatus> next();

 private:
  unsigned next_symbol();

  Bytes chunks_;
  Bytes deltas_;
  std::uint32_t left_;
  std::uint16_t sequence_;
  std::uint32_t chunk_ = 0;
  unsigned symbol_ = 0;
  unsigned symbols_in_chunk_ = 0;
  Duration arrival_{};
};

/// A packet the feedback speaks of; sequence numbers unwrapped.
struct FeedbackArrival {
  std::int64_t sequence = 0;
  Timestamp arrival;
};

struct FeedbackWritten {
  std::size_t size = 0;      ///< bytes written; 0: nothing fitted
  std::size_t arrivals = 0;  ///< how many of `arrivals` are told; the rest wants another packet
};

/// `arrivals` ascend in sequence; gaps between them and from `base_sequence` on are told as not
/// received. Stops where the buffer, the 16-bit count or a delta beyond 16 bits ends the packet.
FeedbackWritten write_transport_feedback(MutableBytes out, std::uint32_t sender_ssrc,
                                         std::uint32_t media_ssrc, std::uint8_t feedback_count,
                                         std::int64_t base_sequence,
                                         std::span<const FeedbackArrival> arrivals);

}  // namespace rooms
