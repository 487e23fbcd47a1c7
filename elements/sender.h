// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `sfusend`: packets of its slots to a transport, requests of the peer to the
// slots.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

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
  void set_transport(std::shared_ptr<MediaTransport> transport);
  /// Where plain RTP goes when there is no transport.
  void set_plain_output(Ref<GstPad> src);
  void set_base_time(GstClockTime base_time) { base_time_ = base_time; }
  /// Which other senders it should share a thread with (gst/glue/rtp_patch_query.h): by turns.
  [[nodiscard]] unsigned affinity() const { return affinity_; }
  SlotId add_slot(GstPad* pad);
  void set_slot(SlotId id, const SendSlot& slot);
  void remove_slot(SlotId id);
  void close();
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
  };
  using Forwards = std::span<const RtpForward::Packet>;
  using Buffers = std::span<GstBuffer* const>;  ///< as many

  Slot* find(SlotId id) { return id < slots_.size() ? slots_[id].get() : nullptr; }
  GstFlowReturn send(SlotId id, Forwards packets, Buffers buffers);
  void send(Slot& slot, SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer,
            Timestamp now, Duration wall);  // with mutex_ held
  GstFlowReturn send_plain(SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer);
  void resend(const SendEndpoint::Resend& wish, Timestamp now);  // with mutex_ held
  [[nodiscard]] Timestamp presentation_of(GstBuffer* buffer, Timestamp now) const;

  const unsigned affinity_;
  mutable std::mutex mutex_;
  SendEndpoint endpoint_;                      // under mutex_
  std::vector<std::unique_ptr<Slot>> slots_;   // under mutex_; by id; null: removed
  std::shared_ptr<MediaTransport> transport_;  // under mutex_
  Ref<GstPad> plain_;                          // under mutex_
  bool timer_set_ = false;                     // under mutex_
  std::uint64_t dropped_not_ready_ = 0;        // under mutex_
  std::uint64_t dropped_not_negotiated_ = 0;   // under mutex_
  std::uint64_t dropped_malformed_ = 0;        // under mutex_
  std::atomic<GstClockTime> base_time_{0};
};

}  // namespace rooms
