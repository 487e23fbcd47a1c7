// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/receiver.h"

#include <algorithm>
#include <array>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

// NACKs wait this long to be told together; feedback and reports are due far less often.
constexpr Duration kTimerSlack = std::chrono::milliseconds(2);
constexpr std::size_t kRtcpSize = 1200;

std::uint32_t random_ssrc() { return g_random_int_range(1, G_MAXINT32); }

}  // namespace

Receiver::Receiver() : endpoint_(random_ssrc(), "gst-rooms") {}

void Receiver::set_transport(std::shared_ptr<MediaTransport> transport) {
  std::shared_ptr<MediaTransport> old;
  {
    std::lock_guard hold(mutex_);
    old = std::exchange(transport_, transport);
  }
  if (old) old->remove_receiver(this);
  if (!transport) return;
  transport->set_rtp_receiver(shared_from_this());
  transport->add_rtcp_receiver(shared_from_this());
}

Receiver::EncodingId Receiver::set_encoding(const ReceivedMedia& media, std::size_t index) {
  std::lock_guard hold(mutex_);
  return endpoint_.set_encoding(media, index);
}

void Receiver::attach(EncodingId encoding, Ref<GstPad> pad) {
  std::lock_guard hold(mutex_);
  outputs_.push_back({encoding, std::move(pad), {}});
}

void Receiver::announce(EncodingId encoding, std::vector<Ref<GstEvent>> events) {
  std::lock_guard hold(mutex_);
  for (auto& output : outputs_)
    if (output.encoding == encoding) output.announced = std::move(events);
}

void Receiver::remove_encoding(EncodingId encoding) {
  std::vector<Output> gone;  // released after the lock
  std::lock_guard hold(mutex_);
  endpoint_.remove_encoding(encoding);
  const auto first =
      std::stable_partition(outputs_.begin(), outputs_.end(),
                            [&](const Output& output) { return output.encoding != encoding; });
  std::move(first, outputs_.end(), std::back_inserter(gone));
  outputs_.erase(first, outputs_.end());
}

void Receiver::close() {
  set_transport(nullptr);
  std::vector<Output> gone;
  std::vector<Run> late;
  std::lock_guard hold(mutex_);
  gone.swap(outputs_);
  late.swap(waiting_);
}

Receiver::Output* Receiver::output_of(EncodingId encoding) {
  const auto output = std::find_if(outputs_.begin(), outputs_.end(),
                                   [&](const auto& o) { return o.encoding == encoding; });
  return output == outputs_.end() ? nullptr : &*output;
}

void Receiver::on_rtp(IncomingRtp& incoming) {
  std::lock_guard hold(mutex_);
  const auto outcome = endpoint_.accept(incoming.packet, incoming.header, incoming.arrival);
  reschedule(incoming.arrival);
  if (!outcome.accepted) return;
  const auto& accepted = *outcome.accepted;
  auto* output = output_of(accepted.encoding);
  if (!output) return;
  const auto offset = static_cast<std::size_t>(accepted.packet.data() - incoming.packet.data());
  auto buffer = adopt(incoming.slot.take(offset, accepted.packet.size()));
  stamp(buffer.get(), accepted, incoming.arrival);
  if (waiting_.empty() || waiting_.back().pad != output->pad || !output->announced.empty())
    waiting_.push_back({output->pad, std::exchange(output->announced, {}), {}});
  waiting_.back().packets.push_back(std::move(buffer));
}

void Receiver::on_rtp_end() {
  std::vector<Run> runs;
  {
    std::lock_guard hold(mutex_);
    runs.swap(waiting_);
  }
  for (auto& run : runs) {
    for (auto& event : run.announced) gst_pad_push_event(run.pad.get(), event.release());
    // A consumer that went away is its own trouble; the connection goes on.
    if (run.packets.size() == 1) {
      (void)gst_pad_push(run.pad.get(), run.packets.front().release());
      continue;
    }
    GstBufferList* list = gst_buffer_list_new_sized(static_cast<guint>(run.packets.size()));
    for (auto& packet : run.packets) gst_buffer_list_add(list, packet.release());
    (void)gst_pad_push_list(run.pad.get(), list);
  }
}

GstFlowReturn Receiver::on_plain_rtp(Ref<GstBuffer> buffer) {
  buffer = adopt(gst_buffer_make_writable(buffer.release()));
  const auto now = monotonic_now();
  ReceiveEndpoint::Outcome outcome;
  Run run;
  std::size_t offset = 0;
  GstMapInfo map;
  if (!gst_buffer_map(buffer.get(), &map, GST_MAP_READWRITE)) return GST_FLOW_OK;
  if (const auto header = parse_rtp({map.data, map.size})) {
    std::lock_guard hold(mutex_);
    outcome = endpoint_.accept({map.data, map.size}, *header, now);
    if (outcome.accepted) {
      if (auto* output = output_of(outcome.accepted->encoding))
        run = {output->pad, std::exchange(output->announced, {}), {}};
      offset = static_cast<std::size_t>(outcome.accepted->packet.data() - map.data);
    }
  }
  gst_buffer_unmap(buffer.get(), &map);
  if (!run.pad) return GST_FLOW_OK;
  for (auto& event : run.announced) gst_pad_push_event(run.pad.get(), event.release());
  if (offset > 0) gst_buffer_resize(buffer.get(), static_cast<gssize>(offset), -1);
  const bool timed = GST_BUFFER_PTS_IS_VALID(buffer.get());
  const auto pts = GST_BUFFER_PTS(buffer.get());
  stamp(buffer.get(), *outcome.accepted,
        timed ? Timestamp(Duration(static_cast<std::int64_t>(pts + base_time_))) : now);
  (void)gst_pad_push(run.pad.get(), buffer.release());
  return GST_FLOW_OK;
}

void Receiver::stamp(GstBuffer* buffer, const ReceiveEndpoint::Accepted& accepted,
                     Timestamp arrival) const {
  const auto captured = to_gst(accepted.captured.value_or(arrival));
  const GstClockTime base = base_time_;
  GST_BUFFER_PTS(buffer) = captured > base ? captured - base : 0;
  const auto arrived = to_gst(arrival);
  GST_BUFFER_DTS(buffer) = arrived > base ? arrived - base : 0;
  if (accepted.header.marker) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_MARKER);
}

void Receiver::on_rtcp(Bytes compound, Timestamp arrival) {
  std::lock_guard hold(mutex_);
  endpoint_.observe_rtcp(compound, arrival);
}

void Receiver::request_keyframe(EncodingId encoding) {
  {
    std::lock_guard hold(mutex_);
    endpoint_.request_keyframe(encoding);
  }
  send_due(monotonic_now());
}

void Receiver::limit(std::optional<DataRate> rate) {
  const auto now = monotonic_now();
  {
    std::lock_guard hold(mutex_);
    endpoint_.limit(rate, now);
  }
  send_due(now);
}

void Receiver::send_due(Timestamp now) {
  std::array<std::uint8_t, kRtcpSize> packet;
  for (;;) {
    std::size_t size = 0;
    std::shared_ptr<MediaTransport> transport;
    {
      std::lock_guard hold(mutex_);
      if (!transport_ || !transport_->admitted()) return;
      transport = transport_;
      size = endpoint_.write_rtcp(packet, now);
    }
    if (size == 0) return;
    transport->send_rtcp(Bytes(packet).first(size));
  }
}

void Receiver::reschedule(Timestamp now) {
  const auto due = std::max(endpoint_.next_rtcp(now), now + kTimerSlack);
  if (!transport_ || due + kTimerSlack >= timer_) return;
  timer_ = due;
  transport_->call_at(due, weak_from_this());
}

std::optional<Timestamp> Receiver::on_timer(Timestamp now) {
  {
    std::lock_guard hold(mutex_);
    // An earlier timer has taken the place of this one.
    if (!transport_ || now < timer_) return std::nullopt;
  }
  send_due(now);
  std::lock_guard hold(mutex_);
  timer_ = std::max(endpoint_.next_rtcp(now), now + kTimerSlack);
  return timer_;
}

std::optional<ReceiveEndpoint::Stats> Receiver::stats(EncodingId encoding) const {
  std::lock_guard hold(mutex_);
  return endpoint_.stats(encoding);
}

std::vector<HeardLevel> Receiver::take_audio_levels(EncodingId encoding) {
  std::lock_guard hold(mutex_);
  return endpoint_.take_audio_levels(encoding);
}

Owned<GstStructure> Receiver::drop_stats() const {
  using Drop = ReceiveEndpoint::Drop;
  std::lock_guard hold(mutex_);
  const auto drops = [&](Drop reason) { return static_cast<guint64>(endpoint_.drops(reason)); };
  return own(gst_structure_new("application/x-sfu-receive-stats", "dropped-unknown-ssrc",
                               G_TYPE_UINT64, drops(Drop::kUnknownSsrc), "dropped-unknown-payload",
                               G_TYPE_UINT64, drops(Drop::kUnknownPayload), "dropped-malformed",
                               G_TYPE_UINT64, drops(Drop::kMalformed), "dropped-duplicate",
                               G_TYPE_UINT64, drops(Drop::kDuplicate), "dropped-inactive",
                               G_TYPE_UINT64, drops(Drop::kInactive), "probes", G_TYPE_UINT64,
                               drops(Drop::kProbe), nullptr));
}

}  // namespace rooms
