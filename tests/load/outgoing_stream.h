// SPDX-License-Identifier: LGPL-2.1-or-later
// One SSRC that is sent: numbers, header extensions, and a ring of what went out for retransmission
// (RFC 4588).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "gst/core/srtp/srtp.h"
#include "gst/core/time.h"
#include "tests/load/negotiate.h"
#include "tests/load/payload_source.h"

namespace rooms::load {

/// Differs from packet to packet.
struct HeaderFields {
  std::uint32_t abs_send_time = 0;
  std::uint16_t transport_sequence = 0;
};

class OutgoingStream {
 public:
  OutgoingStream(const StreamNumbers& numbers, std::uint32_t clock_rate, std::uint32_t seed);

  void negotiate(const SendSettings& settings);
  void set_source(std::uint32_t source) { source_ = source; }
  [[nodiscard]] std::uint32_t source() const { return source_; }
  [[nodiscard]] const StreamNumbers& numbers() const { return numbers_; }

  /// Where the next payload is written: part of the ring.
  [[nodiscard]] MutableBytes payload() { return ring_[sequence_ % kRing].payload; }
  /// Payloads are somebody's who decodes them.
  void send_unstamped() { stamped_ = false; }
  /// Stamps the payload, and writes the packet to `out`. Its size; 0: does not fit.
  std::size_t protect(SrtpSender& srtp, MutableBytes out, std::size_t payload_size, bool marker,
                      std::uint32_t timestamp, const HeaderFields& fields, Timestamp now);
  /// A packet that was sent before, as RTX; 0: not there any more, or RTX was not negotiated.
  std::size_t protect_again(SrtpSender& srtp, MutableBytes out, std::uint16_t sequence,
                            const HeaderFields& fields);
  /// The peer told of packets it got: it knows the SSRC, MID and RID need not be sent any more.
  void acknowledge() { acknowledged_ = true; }

  [[nodiscard]] std::uint32_t timestamp_at(Timestamp now) const;
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  static constexpr std::size_t kRing = 256;
  struct Sent {
    std::uint64_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint16_t size = 0;
    bool marker = false;
    std::array<std::uint8_t, VideoSource::kMaxPayload> payload;
  };
  std::size_t write_header(MutableBytes out, bool marker, std::uint8_t payload_type,
                           std::uint16_t sequence, std::uint32_t timestamp, std::uint32_t ssrc,
                           bool repair, const HeaderFields& fields) const;

  StreamNumbers numbers_;
  std::uint32_t clock_rate_;
  std::uint32_t timestamp_offset_;
  std::uint32_t source_ = 0;
  SendSettings settings_;
  bool audio_;
  bool acknowledged_ = false;
  bool stamped_ = true;
  std::uint64_t sequence_;  ///< unwrapped, of the next packet
  std::uint64_t rtx_sequence_;
  std::uint64_t packets_ = 0;
  std::uint64_t octets_ = 0;
  std::vector<Sent> ring_;
};

}  // namespace rooms::load
