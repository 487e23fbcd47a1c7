// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `sfureceive`: packets of a transport to pads, requests of pads to RTCP.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gst/core/endpoint/receive_endpoint.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_transport.h"

namespace rooms {

class Receiver final : public MediaReceiver,
                       public TimerClient,
                       public std::enable_shared_from_this<Receiver> {
 public:
  using EncodingId = ReceiveEndpoint::EncodingId;

  Receiver();

  // --- Application threads
  void set_transport(std::shared_ptr<MediaTransport> transport);
  void set_base_time(GstClockTime base_time) { base_time_ = base_time; }
  EncodingId set_encoding(const ReceivedMedia& media, std::size_t index);
  void attach(EncodingId encoding, Ref<GstPad> pad);
  /// Events that go before the next packet. The thread that pushes packets pushes them: pushed from
  /// another one, the first packet could overtake them.
  void announce(EncodingId encoding, std::vector<Ref<GstEvent>> events);
  void remove_encoding(EncodingId encoding);
  /// No packet is pushed after this has returned, except by a thread that is already downstream.
  void close();
  [[nodiscard]] std::optional<ReceiveEndpoint::Stats> stats(EncodingId encoding) const;
  std::vector<HeardLevel> take_audio_levels(EncodingId encoding);
  Owned<GstStructure> drop_stats() const;

  // --- Any thread
  void request_keyframe(EncodingId encoding);
  /// See ReceiveEndpoint::limit.
  void limit(std::optional<DataRate> rate);

  // --- Network workers
  void on_rtp(IncomingRtp& incoming) override;
  void on_rtp_end() override;
  void on_rtcp(Bytes compound, Timestamp arrival) override;
  std::optional<Timestamp> on_timer(Timestamp now) override;

  // --- The streaming thread of the plain RTP pad
  GstFlowReturn on_plain_rtp(Ref<GstBuffer> buffer);

 private:
  struct Output {
    EncodingId encoding = 0;
    Ref<GstPad> pad;
    std::vector<Ref<GstEvent>> announced;
  };
  /// Packets of one pad that came in one batch.
  struct Run {
    Ref<GstPad> pad;
    std::vector<Ref<GstEvent>> announced;
    std::vector<Ref<GstBuffer>> packets;
  };
  /// Null: it has no pad. With mutex_ held.
  [[nodiscard]] Output* output_of(EncodingId encoding);
  void stamp(GstBuffer* buffer, const ReceiveEndpoint::Accepted& accepted, Timestamp arrival) const;
  void send_due(Timestamp now);
  void reschedule(Timestamp now);  // with mutex_ held

  mutable std::mutex mutex_;
  ReceiveEndpoint endpoint_;                   // under mutex_
  std::vector<Output> outputs_;                // under mutex_
  std::vector<Run> waiting_;                   // under mutex_: until on_rtp_end
  std::shared_ptr<MediaTransport> transport_;  // under mutex_
  Timestamp timer_ = Timestamp::max();         // under mutex_: when the valid timer fires
  std::atomic<GstClockTime> base_time_{0};
};

}  // namespace rooms
