// SPDX-License-Identifier: LGPL-2.1-or-later
// The receiver's half of transport-wide congestion control: notes when numbered packets of a
// connection came, and writes the feedback. Not thread-safe: owned by the thread that receives the
// connection.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/endpoint/sequence_number.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "gst/core/time.h"

namespace rooms {

class TransportFeedbackGenerator {
 public:
  struct Config {
    Duration interval = std::chrono::milliseconds(100);
    /// Packets not told of yet: at half of it feedback is due at once, beyond it the oldest are
    /// forgotten.
    std::size_t max_pending = 2000;
    std::int64_t restart_distance = 10000;  ///< a jump beyond this begins a new sequence
  };

  TransportFeedbackGenerator() = default;
  explicit TransportFeedbackGenerator(const Config& config) : config_(config) {}

  void observe(std::uint16_t sequence, Timestamp arrival);
  /// nullopt: nothing to tell.
  [[nodiscard]] std::optional<Timestamp> due() const;
  /// Appends one packet with what came since the last one. Call again while it returns true: a long
  /// gap in time and packets that came after their turn need packets of their own. False: nothing
  /// left, or no room.
  bool write(RtcpWriter& writer, std::uint32_t sender_ssrc, std::uint32_t media_ssrc);

 private:
  Config config_;
  RolloverUnwrapper unwrapper_;
  std::vector<FeedbackArrival> pending_;   ///< ascending in sequence
  std::optional<std::int64_t> next_base_;  ///< everything before it was told
  std::optional<Timestamp> first_pending_;
  std::uint8_t feedback_count_ = 0;
};

}  // namespace rooms
