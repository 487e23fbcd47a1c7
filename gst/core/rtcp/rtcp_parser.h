// SPDX-License-Identifier: LGPL-2.1-or-later
// RTCP packets as typed values (RFC 3550 6, RFC 4585, RFC 5104, transport-wide feedback, REMB).
// Nothing is copied or allocated: lists are views into the compound packet and live as long as it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "gst/core/bytes.h"
#include "gst/core/rtcp/transport_feedback.h"

namespace rooms {

struct ReportBlock {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;    ///< of 256
  std::int32_t cumulative_lost = 0;  ///< 24 bits, signed
  std::uint32_t extended_highest_sequence = 0;
  std::uint32_t jitter = 0;               ///< RTP clock ticks
  std::uint32_t last_sr = 0;              ///< middle 32 bits of the SR's NTP time; 0: none
  std::uint32_t delay_since_last_sr = 0;  ///< 1/65536 s

  static constexpr std::size_t kWireSize = 24;
  static ReportBlock read(const std::uint8_t* p);
};

struct FirEntry {
  std::uint32_t ssrc = 0;
  std::uint8_t sequence = 0;

  static constexpr std::size_t kWireSize = 8;
  static FirEntry read(const std::uint8_t* p) { return {load_u32(p), p[4]}; }
};

struct NackEntry {
  std::uint16_t sequence = 0;
  std::uint16_t following = 0;  ///< bit i: sequence + i + 1 is missing too

  static constexpr std::size_t kWireSize = 4;
  static NackEntry read(const std::uint8_t* p) { return {load_u16(p), load_u16(p + 2)}; }
};

struct SsrcEntry {
  std::uint32_t ssrc = 0;

  static constexpr std::size_t kWireSize = 4;
  static SsrcEntry read(const std::uint8_t* p) { return {load_u32(p)}; }
};

/// Fixed-size records, decoded when looked at.
template <class T>
class RtcpList {
 public:
  RtcpList() = default;
  explicit RtcpList(Bytes bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t size() const { return bytes_.size() / T::kWireSize; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  T operator[](std::size_t i) const { return T::read(bytes_.data() + i * T::kWireSize); }

  class Iterator {
   public:
    explicit Iterator(const std::uint8_t* p) : p_(p) {}
    T operator*() const { return T::read(p_); }
    Iterator& operator++() {
      p_ += T::kWireSize;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return p_ != other.p_; }

   private:
    const std::uint8_t* p_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(bytes_.data()); }
  [[nodiscard]] Iterator end() const { return Iterator(bytes_.data() + size() * T::kWireSize); }

 private:
  Bytes bytes_;
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp_time = 0;
  std::uint32_t rtp_time = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  RtcpList<ReportBlock> reports;
};

struct ReceiverReport {
  std::uint32_t ssrc = 0;
  RtcpList<ReportBlock> reports;
};

/// One per SDES packet: the first chunk that has a CNAME (RFC 8834 wants just one).
struct SourceDescription {
  std::uint32_t ssrc = 0;
  std::string_view cname;
};

struct Goodbye {
  RtcpList<SsrcEntry> ssrcs;
};

struct NackRequest {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  RtcpList<NackEntry> entries;

  /// Calls `visit(std::uint16_t)` for every missing sequence number, in wire order.
  template <class F>
  void for_each_sequence(F&& visit) const {
    for (NackEntry entry : entries) {
      visit(entry.sequence);
      for (unsigned bit = 0; bit < 16; ++bit) {
        if ((entry.following >> bit) & 1)
          visit(static_cast<std::uint16_t>(entry.sequence + bit + 1));
      }
    }
  }
};

struct PictureLossIndication {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
};

struct FullIntraRequest {
  std::uint32_t sender_ssrc = 0;
  RtcpList<FirEntry> entries;
};

/// draft-alvestrand-rmcat-remb-03
struct ReceiverEstimate {
  std::uint32_t sender_ssrc = 0;
  std::uint64_t bits_per_second = 0;
  RtcpList<SsrcEntry> ssrcs;
};

/// APP, XR, unknown feedback and anything newer: whole packet, header included.
struct OtherRtcp {
  std::uint8_t packet_type = 0;
  std::uint8_t format = 0;
  Bytes packet;
};

using RtcpPacket = std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye,
                                NackRequest, PictureLossIndication, FullIntraRequest,
                                ReceiverEstimate, TransportFeedback, OtherRtcp>;

/// Walks a compound or reduced-size (RFC 5506) packet. One bad packet ends the walk: lengths behind
/// it mean nothing.
class RtcpReader {
 public:
  explicit RtcpReader(Bytes compound) : rest_(compound) {}
  std::optional<RtcpPacket> next();
  /// Whether the walk ended because of malformed input rather than at the end.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  Bytes rest_;
  bool malformed_ = false;
};

}  // namespace rooms
