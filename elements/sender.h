// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `sfusend`: packets of its slots to a transport, requests of the peer to the
// slots.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "elements/waiting_packets.h"
#include "gst/core/endpoint/retransmission_cache.h"
#include "gst/core/endpoint/send_endpoint.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_transport.h"

namespace rooms {

class Sender final : public MediaReceiver,
                     public TimerClient,
                     public std::enable_shared_from_this<Sender> {
 public:
  using SlotId = SendEndpoint::SlotId;

  Sender();

  // --- Application threads
  /// Whose `estimate` property listeners are notified of, on a network worker; until `close`.
  void set_owner(GstElement* owner, GParamSpec* estimate);
  void set_transport(std::shared_ptr<MediaTransport> transport);
  /// Where plain RTP goes when there is no transport.
  void set_plain_output(Ref<GstPad> src);
  void set_base_time(GstClockTime base_time) { base_time_ = base_time; }
  /// Which other senders it should share a thread with (gst/glue/rtp_patch_query.h): by turns.
  [[nodiscard]] unsigned affinity() const { return affinity_; }
  SlotId add_slot(GstPad* pad);
  void set_slot(SlotId id, const SendSlot& slot);
  void describe_slot(SlotId id, std::string name, std::string note);
  void remove_slot(SlotId id);
  void close();
  /// Changes how bit rates are estimated and used, and tells listeners what comes of it.
  void set_rates(const std::function<void(CongestionControl&)>& change);
  [[nodiscard]] DataRate estimate() const;
  [[nodiscard]] bool estimating() const;
  /// Asks upstream of every video slot for a keyframe.
  void request_keyframes();
  [[nodiscard]] std::optional<SendEndpoint::Stats> stats(SlotId id) const;
  Owned<GstStructure> stats() const;

  // --- The thread that pushes into a slot. `forward` is the router's, or nullptr: then the packet
  // leaves under the slot's SSRC with its own numbers.
  GstFlowReturn on_packet(SlotId id, const RtpForward* forward, Ref<GstBuffer> buffer);
  GstFlowReturn on_packets(SlotId id, const RtpForward* forward, Ref<GstBufferList> list);

  // --- Network workers
  void on_rtp(IncomingRtp& /*incoming*/) override {}
  void on_rtcp(Bytes compound, Timestamp arrival) override;
  std::optional<Timestamp> on_timer(Timestamp now) override;

 private:
  using Cache = RetransmissionCache<Ref<GstBuffer>>;
  struct Slot {
    GstPad* pad = nullptr;  // outlives its slot: removed when the pad is released
    SendSlot settings;
    bool keeps = false;            // what it sent, to send it again
    std::unique_ptr<Cache> cache;  // from the first packet on, if it keeps
    bool is_broken = false;        // what should have left was dropped
    /// Where another encoding took over last: what was numbered before it is needed no more.
    std::uint16_t begun_anew = 0;
    std::optional<Timestamp> begun_anew_at;
  };
  struct PaceTimer final : TimerClient {
    explicit PaceTimer(Sender& whose) : sender(whose) {}
    std::optional<Timestamp> on_timer(Timestamp now) override { return sender.on_pace(now); }
    Sender& sender;
  };
  using Forwards = std::span<const RtpForward::Packet>;
  using Buffers = std::span<GstBuffer* const>;  ///< as many

  Slot* find(SlotId id) { return id < slots_.size() ? slots_[id].get() : nullptr; }
  GstFlowReturn send(SlotId id, Forwards packets, Buffers buffers);
  GstFlowReturn send_plain(SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer);
  void notify(const Ref<GstElement>& listener);
  static void ask_for_keyframes(const std::vector<Ref<GstPad>>& pads);

  // With mutex_ held:
  void send(Slot& slot, SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer,
            const SendEndpoint::Departure& departure);
  void leave(Slot& slot, SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer,
             Timestamp presentation, const SendEndpoint::Departure& departure);
  void resend(const SendEndpoint::Resend& wish, Timestamp now);
  std::size_t leave_again(SlotId id, GstBuffer* buffer, const RtpPatch& patch,
                          const SendEndpoint::Departure& departure);
  /// Who is to be told of a new estimate, if anybody is.
  Ref<GstElement> take_news(Timestamp now);

  // --- Pacing (sender_pacing.cc), with mutex_ held, except on_pace
  std::optional<Timestamp> on_pace(Timestamp now);
  void wait(PacedKind kind, DataSize size, WaitingPacket packet, Timestamp now);
  void leave(const WaitingPacket& packet, const SendEndpoint::Departure& departure);
  DataSize pad(DataSize most, const SendEndpoint::Departure& departure);
  void drop_waiting_video();
  void begin_anew(Slot& slot, SlotId id, std::uint16_t sequence, Timestamp now);
  [[nodiscard]] bool is_needless(const Slot& slot, std::uint16_t sequence, Timestamp now) const;
  void arm_pacing(Timestamp now);
  void forget_waiting();
  /// Pads of the slots whose picture is broken because packets were dropped.
  std::vector<Ref<GstPad>> take_broken();

  [[nodiscard]] Timestamp presentation_of(GstBuffer* buffer, Timestamp now) const;

  const unsigned affinity_;
  mutable std::mutex mutex_;
  SendEndpoint endpoint_;                      // under mutex_
  std::vector<std::unique_ptr<Slot>> slots_;   // under mutex_; by id; null: removed
  std::shared_ptr<MediaTransport> transport_;  // under mutex_
  Ref<GstPad> plain_;                          // under mutex_
  bool timer_set_ = false;                     // under mutex_
  GstElement* owner_ = nullptr;                // under mutex_; none once closed
  GParamSpec* estimate_property_ = nullptr;    // under mutex_
  WaitingPackets waiting_;                     // under mutex_
  PaceTimer pace_timer_{*this};
  std::optional<Timestamp> pace_at_;          // under mutex_; of the timer that counts
  bool has_broken_ = false;                   // under mutex_; any slot is
  std::uint16_t padding_turn_ = 0;            // under mutex_
  std::uint64_t dropped_not_ready_ = 0;       // under mutex_
  std::uint64_t dropped_not_negotiated_ = 0;  // under mutex_
  std::uint64_t dropped_malformed_ = 0;       // under mutex_
  std::atomic<GstClockTime> base_time_{0};
};

}  // namespace rooms
