// SPDX-License-Identifier: LGPL-2.1-or-later
// What a receiver knows of one SSRC, and the report block it tells the sender (RFC 3550 6.4.1, A.1,
// A.3, A.8). Not thread-safe: owned by the thread that receives the stream.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/rtcp/rtcp_parser.h"
#include "gst/core/time.h"

namespace rooms {

class ReceiveStatistics {
 public:
  ReceiveStatistics(std::uint32_t ssrc, std::uint32_t clock_rate)
      : ssrc_(ssrc), clock_rate_(clock_rate) {}

  /// Packets must be authentic: there is no probation (A.1 needs it against stray packets). `size`
  /// is the payload's.
  void observe(std::uint16_t sequence, std::uint32_t rtp_time, std::size_t size, Timestamp arrival);
  void observe_sender_report(std::uint64_t ntp_time, Timestamp arrival);

  /// Begins a new interval for `fraction_lost`.
  ReportBlock report(Timestamp now);

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] std::uint64_t packets() const { return received_total_; }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  [[nodiscard]] std::uint32_t extended_highest_sequence() const { return cycles_ + max_sequence_; }
  /// Since the stream last began anew; negative with duplicates.
  [[nodiscard]] std::int64_t lost() const;
  [[nodiscard]] Duration jitter() const;
  [[nodiscard]] std::optional<Timestamp> last_arrival() const { return last_arrival_; }

 private:
  void begin(std::uint16_t sequence);
  bool accept(std::uint16_t sequence);
  void estimate_jitter(std::uint32_t rtp_time, Timestamp arrival);

  std::uint32_t ssrc_;
  std::uint32_t clock_rate_;
  std::uint64_t received_total_ = 0;
  std::uint64_t octets_ = 0;
  // RFC 3550 A.1
  bool started_ = false;
  std::uint16_t max_sequence_ = 0;
  std::uint32_t cycles_ = 0;
  std::uint32_t base_sequence_ = 0;
  std::uint32_t bad_sequence_ = 0;
  std::uint64_t received_ = 0;
  std::int64_t expected_prior_ = 0;
  std::int64_t received_prior_ = 0;
  // RFC 3550 A.8; jitter is scaled by 16
  std::optional<Timestamp> last_arrival_;
  std::uint32_t last_rtp_time_ = 0;
  std::uint64_t jitter_ = 0;
  std::uint32_t last_sr_ = 0;
  Timestamp last_sr_arrival_;
};

}  // namespace rooms
