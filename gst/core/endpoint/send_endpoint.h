// SPDX-License-Identifier: LGPL-2.1-or-later
// The sending half of a connection, without I/O: headers in the peer's numbers, sender reports,
// when packets may leave, and what the peer's RTCP asks for. Packets themselves never enter:
// whoever keeps them is told which to send again. Not thread-safe: one owner at a time.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/endpoint/congestion_control.h"
#include "gst/core/endpoint/extension_mapping.h"
#include "gst/core/endpoint/sequence_number.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/time.h"

namespace rooms {

struct ReportBlock;

class SendEndpoint {
 public:
  using SlotId = std::uint32_t;

  struct Header {
    std::size_t size =
        0;  ///< written; 0: the peer has no payload type for this, or the slot is not active
    std::size_t prefix = 0;  ///< how many of them belong to the payload (RFC 4588)
    std::uint32_t rollover = 0;
    DataSize on_the_wire;  ///< of the whole packet, as congestion control counts
  };
  /// Written when the packet leaves: its time and its number are told to the peer.
  struct Departure {
    Timestamp now;
    Duration wall_clock{};
    std::int32_t probe = -1;  ///< as CongestionControl said
    bool is_filler = false;   ///< sent for nothing but the probe
  };
  struct Resend {
    SlotId slot = 0;
    std::uint16_t sequence = 0;
  };
  /// What one compound packet from the peer wants.
  struct Requests {
    std::vector<Resend> resends;
    std::vector<SlotId> keyframes;
  };
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
    std::uint64_t resent = 0;
    std::uint64_t nacked = 0;
    std::uint64_t keyframe_requests = 0;
    double fraction_lost = 0;  ///< by the peer's last report
    std::int32_t cumulative_lost = 0;
    Duration jitter{};
    Duration round_trip{};
    Duration playout_delay{};  ///< the least that the peer is told; zero: none
  };

  explicit SendEndpoint(std::string cname);
  ~SendEndpoint();
  SendEndpoint(const SendEndpoint&) = delete;
  SendEndpoint& operator=(const SendEndpoint&) = delete;

  SlotId add_slot(const SendSlot& slot);
  /// The peer's answer, or a re-offer. SSRCs stay.
  void update_slot(SlotId id, const SendSlot& slot);
  void remove_slot(SlotId id);
  /// Who is shown in the slot, and what of them: told with its sender reports, the first at once.
  /// What is longer than 255 bytes is not told.
  void describe_slot(SlotId id, std::string name, std::string note);

  /// What a packet of that payload takes on the wire, about.
  static constexpr DataSize size_of(std::size_t payload_size) {
    return DataSize::bytes(static_cast<std::int64_t>(payload_size) + 70);
  }
  /// `presentation` on our timeline for the sender reports.
  Header write_header(MutableBytes out, SlotId id, const RtpHeader& source, const RtpPatch& patch,
                      Timestamp presentation, const Departure& departure);
  /// Header and prefix of a retransmission of the packet that went out as `patch`.
  Header write_rtx_header(MutableBytes out, SlotId id, const RtpHeader& source,
                          const RtpPatch& patch, const Departure& departure);
  /// Header of a packet that is nothing but `padding` bytes of it, on the RTX stream of the slot
  /// that sent last. size 0: no slot has one.
  Header write_padding_header(MutableBytes out, std::uint8_t padding, const Departure& departure);

  Requests observe_rtcp(Bytes compound, Timestamp now, std::uint64_t now_ntp);
  /// The sender report of a slot that sent lately. 0: of none is one due. Call until it returns 0.
  /// Of one only: rtpssrcdemux gives a compound packet to the source that it names first, and
  /// rtpbin would not learn when the others were sampled.
  std::size_t write_report(MutableBytes out, Timestamp now, std::uint64_t now_ntp);

  /// Ask it before a packet is written, and tell it the time.
  CongestionControl& congestion() { return congestion_; }
  [[nodiscard]] const CongestionControl& congestion() const { return congestion_; }

  [[nodiscard]] std::optional<Stats> stats(SlotId id) const;
  [[nodiscard]] Duration round_trip() const { return round_trip_.value_or(kUsualRoundTrip); }
  /// The last REMB of the peer; 0: none.
  [[nodiscard]] std::uint64_t remote_estimate() const { return remote_estimate_; }
  /// By transport-wide feedback: how many packets the peer got and missed.
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  /// Packets that feedback told of though they were never sent.
  [[nodiscard]] std::uint64_t never_sent() const { return history_.never_sent(); }

 private:
  static constexpr Duration kUsualRoundTrip = std::chrono::milliseconds(50);
  struct Slot;
  Slot* find(SlotId id);
  Slot* with_ssrc(std::uint32_t ssrc);
  EgressFields fields_for(const Slot& slot, std::uint8_t payload_type, Duration wall_clock) const;
  /// Numbers and remembers a packet whose header is written.
  void record(const Slot& slot, Header& header, std::size_t payload_size,
              const Departure& departure);
  Slot* slot_for_padding();
  void slots_changed();
  void observe_reports(const ReportBlock& block, std::uint64_t now_ntp);
  void ask_keyframe(Requests& requests, std::uint32_t ssrc);

  const std::string cname_;
  std::list<Slot> slots_;
  std::vector<Slot*> by_id_{nullptr};  // ids begin at 1 and are not used again; null: removed
  std::size_t next_report_ = 0;        // whose turn it is, by id
  // Two seconds at a thousand packets a second.
  TransportFeedbackHistory history_{TransportFeedbackHistory::Config{.capacity = 2048}};
  CongestionControl congestion_;
  std::optional<Duration> round_trip_;  // as measured
  std::uint64_t remote_estimate_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace rooms
