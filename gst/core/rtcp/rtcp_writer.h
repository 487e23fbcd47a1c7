// SPDX-License-Identifier: LGPL-2.1-or-later
// Builds a compound RTCP packet into memory of the caller. Each call appends one packet, or returns
// false and leaves everything as it was when there is no room for it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gst/core/bytes.h"
#include "gst/core/rtcp/rtcp_parser.h"

namespace rooms {

/// The fields of a sender report that are not report blocks.
struct SenderInfo {
  std::uint64_t ntp_time = 0;
  std::uint32_t rtp_time = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
};

/// What a source may say of itself besides its CNAME (RFC 3550 6.5): each at most kLongest bytes
/// of UTF-8; empty: nothing.
struct SourceItems {
  static constexpr std::size_t kLongest = 255;
  std::string_view name;  ///< of the person
  std::string_view note;  ///< what it shows just now
};

class RtcpWriter {
 public:
  explicit RtcpWriter(MutableBytes out) : out_(out) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t room() const { return out_.size() - size_; }
  /// What was written so far.
  [[nodiscard]] MutableBytes written() const { return out_.first(size_); }

  /// At most 31 report blocks in one packet.
  bool sender_report(std::uint32_t ssrc, const SenderInfo& info,
                     std::span<const ReportBlock> reports = {});
  bool receiver_report(std::uint32_t ssrc, std::span<const ReportBlock> reports = {});
  /// Each text at most SourceItems::kLongest bytes.
  bool source_description(std::uint32_t ssrc, std::string_view cname,
                          const SourceItems& items = {});
  bool goodbye(std::span<const std::uint32_t> ssrcs);
  /// Joins neighbours into one entry where `sequences` is in order; returns how many sequence
  /// numbers were written (fewer than given when the room ends first).
  std::size_t nack(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                   std::span<const std::uint16_t> sequences);
  bool picture_loss(std::uint32_t sender_ssrc, std::uint32_t media_ssrc);
  bool full_intra_request(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                          std::uint8_t sequence);
  /// The mantissa has 18 bits; the value is rounded down to it.
  bool receiver_estimate(std::uint32_t sender_ssrc, std::uint64_t bits_per_second,
                         std::span<const std::uint32_t> ssrcs);
  /// See write_transport_feedback.
  FeedbackWritten transport_feedback(std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                                     std::uint8_t feedback_count, std::int64_t base_sequence,
                                     std::span<const FeedbackArrival> arrivals);

 private:
  /// Room for one packet of `size` bytes with its header written, or nullptr.
  std::uint8_t* append(unsigned count, std::uint8_t packet_type, std::size_t size);

  MutableBytes out_;
  std::size_t size_ = 0;
};

}  // namespace rooms
