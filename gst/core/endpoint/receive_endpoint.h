// SPDX-License-Identifier: LGPL-2.1-or-later
// The receiving half of a connection, without I/O: tells encodings apart, makes their packets
// canonical, and writes the RTCP that keeps the sender going. Not thread-safe: one owner at a time.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gst/core/audio/level_log.h"
#include "gst/core/bytes.h"
#include "gst/core/endpoint/extension_mapping.h"
#include "gst/core/endpoint/nack_generator.h"
#include "gst/core/endpoint/receive_statistics.h"
#include "gst/core/endpoint/sender_report_clock.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/time.h"
#include "gst/core/units.h"

namespace rooms {

class RtcpWriter;

class ReceiveEndpoint {
 public:
  enum class Drop : std::uint8_t {
    kUnknownSsrc,
    kUnknownPayload,
    kMalformed,
    kDuplicate,
    kInactive,
    kProbe
  };
  static constexpr std::size_t kDropReasons = 6;

  /// A stream of packets with one sequence space: a track, or one simulcast layer of it. Ids are
  /// never used again.
  using EncodingId = std::uint32_t;

  struct Accepted {
    EncodingId encoding = 0;
    MutableBytes packet;  ///< part of what was given; RTX originals begin two bytes further on
    RtpHeader header;     ///< of `packet`; empty payload: a number that was used up by padding
    std::optional<Timestamp> captured;  ///< on our timeline; nullopt before the first sender report
    bool recovered = false;             ///< came by retransmission
  };
  struct Outcome {
    std::optional<Accepted> accepted;
    Drop reason = Drop::kMalformed;  ///< when not accepted
  };

  struct Stats {
    std::uint32_t ssrc = 0;
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
    std::int64_t lost = 0;
    std::uint64_t nacked = 0;
    std::uint64_t recovered = 0;
    std::uint64_t keyframe_requests = 0;
    Duration jitter{};
  };

  /// `local_ssrc`: who our RTCP comes from; `cname` likewise.
  ReceiveEndpoint(std::uint32_t local_ssrc, std::string cname);
  ~ReceiveEndpoint();
  ReceiveEndpoint(const ReceiveEndpoint&) = delete;
  ReceiveEndpoint& operator=(const ReceiveEndpoint&) = delete;

  /// Makes an encoding; `rid` as in `media.rids`, `index` its position there. Called again with the
  /// same mid and rid: updates it.
  EncodingId set_encoding(const ReceivedMedia& media, std::size_t index);
  void remove_encoding(EncodingId id);

  /// Packet as decrypted; changed in place (payload type, extension ids).
  Outcome accept(MutableBytes packet, const RtpHeader& header, Timestamp now);
  void observe_rtcp(Bytes compound, Timestamp now);

  void request_keyframe(EncodingId id);
  /// The most that the peer should send in all, told by REMB where that was negotiated; nullopt: as
  /// much as it likes.
  void limit(std::optional<DataRate> rate, Timestamp now);
  /// Writes what is due into `out` (at most one datagram). 0: nothing. Call until it returns 0.
  std::size_t write_rtcp(MutableBytes out, Timestamp now);
  /// When write_rtcp could have something next.
  [[nodiscard]] Timestamp next_rtcp(Timestamp now) const;

  [[nodiscard]] std::optional<Stats> stats(EncodingId id) const;
  /// Levels of the packets since the last call (RFC 6464); empty when none told its level.
  std::vector<HeardLevel> take_audio_levels(EncodingId id);
  [[nodiscard]] std::uint64_t drops(Drop reason) const {
    return drops_[static_cast<std::size_t>(reason)];
  }

 private:
  struct Encoding;
  struct Source {
    Encoding* encoding = nullptr;
    bool is_rtx = false;
  };
  Outcome drop(Drop reason);
  Source* source_of(const RtpHeader& header);
  std::optional<Source> identify(const RtpHeader& header) const;
  void bind(std::uint32_t ssrc, Source source);
  void rebuild_tables();
  Outcome accept_media(Encoding& encoding, MutableBytes packet, RtpHeader header, Timestamp now,
                       bool recovered);
  void observe_audio_level(Encoding& encoding, const RtpHeader& header, Timestamp now);
  Encoding* find(EncodingId id) const;
  Encoding* find(std::string_view mid, std::string_view rid) const;
  bool write_reports(RtcpWriter& writer, Timestamp now);
  void write_limit(RtcpWriter& writer);

  const std::uint32_t local_ssrc_;
  const std::string cname_;
  mutable std::list<Encoding>
      encodings_;  // addresses stay; finding one in a const method does not change it
  EncodingId next_id_ = 1;
  EncodingId latest_ = 0;  // of which the last packet was; 0: none yet
  std::unordered_map<std::uint32_t, Source> sources_;
  IngressExtensions extensions_;
  std::array<std::uint8_t, 128> canonical_{};  // by local payload type; 0xFF: unknown
  PublisherClock clock_;
  TransportFeedbackGenerator transport_feedback_;
  bool transport_cc_ = false;
  bool remb_ = false;
  std::optional<DataRate> limit_;
  unsigned tell_unlimited_ = 0;  // so many times more that there is none
  std::optional<Timestamp> next_report_;
  std::array<std::uint64_t, kDropReasons> drops_{};
};

}  // namespace rooms
