// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/sender.h"

#include <gst/video/video-event.h>

#include <algorithm>
#include <array>

#include "elements/send_stats.h"
#include "gst/core/endpoint/ntp_time.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

constexpr std::size_t kHeaderRoom = 320;
constexpr std::size_t kRtcpSize = 1200;
constexpr Duration kTimerInterval = std::chrono::milliseconds(250);

std::atomic<unsigned> next_affinity{0};

// One second at 4.8 Mbit/s in packets of 1200 bytes: a retransmission that comes later is of no use
// to a conference.
constexpr RetransmissionCache<Ref<GstBuffer>>::Config kCache{.capacity = 512,
                                                             .max_age = std::chrono::seconds(1)};

}  // namespace

Sender::Sender() : affinity_(next_affinity++), endpoint_("gst-rooms") {}

void Sender::set_transport(std::shared_ptr<MediaTransport> transport) {
  std::shared_ptr<MediaTransport> old;
  {
    std::lock_guard hold(mutex_);
    old = std::exchange(transport_, transport);
    forget_waiting();
    timer_set_ = transport != nullptr;
  }
  if (old) old->remove_receiver(this);
  if (!transport) return;
  transport->add_rtcp_receiver(shared_from_this());
  transport->call_at(monotonic_now() + kTimerInterval, weak_from_this());
}

void Sender::set_owner(GstElement* owner, GParamSpec* estimate) {
  std::lock_guard hold(mutex_);
  owner_ = owner;
  estimate_property_ = estimate;
}

void Sender::set_plain_output(Ref<GstPad> src) {
  std::lock_guard hold(mutex_);
  plain_ = std::move(src);
}

Sender::SlotId Sender::add_slot(GstPad* pad) {
  std::lock_guard hold(mutex_);
  const auto id = endpoint_.add_slot(SendSlot{});
  slots_.resize(std::max<std::size_t>(slots_.size(), id + 1));
  slots_[id] = std::make_unique<Slot>();
  slots_[id]->pad = pad;
  return id;
}

void Sender::set_slot(SlotId id, const SendSlot& settings) {
  std::lock_guard hold(mutex_);
  if (!find(id)) return;
  endpoint_.update_slot(id, settings);
  auto& slot = *find(id);
  slot.settings = settings;
  slot.keeps = settings.feedback.nack && settings.rtx_ssrc != 0;
  if (!slot.keeps) slot.cache.reset();
}

void Sender::describe_slot(SlotId id, std::string name, std::string note) {
  std::lock_guard hold(mutex_);
  if (find(id)) endpoint_.describe_slot(id, std::move(name), std::move(note));
}

void Sender::remove_slot(SlotId id) {
  std::lock_guard hold(mutex_);
  endpoint_.remove_slot(id);
  if (find(id)) slots_[id].reset();
}

void Sender::close() {
  set_transport(nullptr);
  std::lock_guard hold(mutex_);
  plain_ = nullptr;
  owner_ = nullptr;
  slots_.clear();
}

Timestamp Sender::presentation_of(GstBuffer* buffer, Timestamp now) const {
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return now;
  return Timestamp(Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(buffer) + base_time_)));
}

GstFlowReturn Sender::on_packet(SlotId id, const RtpForward* forward, Ref<GstBuffer> buffer) {
  GstBuffer* const lent = buffer.get();
  if (forward && forward->packets.size() == 1) return send(id, forward->packets, {&lent, 1});
  const MappedBuffer mapped(lent);
  const auto header = parse_rtp(mapped.bytes());
  RtpForward::Packet packet;
  {
    std::lock_guard hold(mutex_);
    if (!header) {
      ++dropped_malformed_;
      return GST_FLOW_OK;
    }
    const auto* slot = find(id);
    packet.patch.ssrc = slot && slot->settings.ssrc != 0 ? slot->settings.ssrc : header->ssrc;
  }
  packet.source = &*header;
  packet.patch.timestamp = header->timestamp;
  packet.patch.sequence = header->sequence;
  return send(id, {&packet, 1}, {&lent, 1});
}

GstFlowReturn Sender::on_packets(SlotId id, const RtpForward* forward, Ref<GstBufferList> list) {
  std::vector<GstBuffer*> buffers(gst_buffer_list_length(list.get()));
  for (std::size_t i = 0; i < buffers.size(); ++i)
    buffers[i] = gst_buffer_list_get(list.get(), static_cast<guint>(i));
  if (forward && !buffers.empty() && forward->packets.size() == buffers.size())
    return send(id, forward->packets, buffers);
  GstFlowReturn flow = GST_FLOW_OK;
  for (std::size_t i = 0; i < buffers.size() && flow == GST_FLOW_OK; ++i)
    flow = on_packet(id, nullptr, share(buffers[i]));
  return flow;
}

GstFlowReturn Sender::send(SlotId id, Forwards packets, Buffers buffers) {
  std::unique_lock hold(mutex_);
  auto* slot = find(id);
  if (!slot) return GST_FLOW_OK;
  if (!transport_) {
    hold.unlock();
    GstFlowReturn flow = GST_FLOW_OK;
    for (std::size_t i = 0; i < packets.size() && flow == GST_FLOW_OK; ++i)
      flow = send_plain(id, packets[i], buffers[i]);
    return flow;
  }
  if (!transport_->admitted()) {
    dropped_not_ready_ += packets.size();
    return GST_FLOW_OK;
  }
  const auto now = monotonic_now();
  const auto wall = wall_clock();
  for (std::size_t i = 0; i < packets.size(); ++i)
    send(*slot, id, packets[i], buffers[i], {now, wall});
  arm_pacing(now);
  return GST_FLOW_OK;
}

void Sender::send(Slot& slot, SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer,
                  const SendEndpoint::Departure& departure) {
  if (!slot.settings.active) {
    ++dropped_not_negotiated_;
    return;
  }
  const auto kind = slot.settings.kind == MediaKind::kAudio ? PacedKind::kAudio : PacedKind::kVideo;
  const auto size = SendEndpoint::size_of(packet.source->payload.size());
  const Timestamp now = departure.now;
  if (packet.begins_anew && kind == PacedKind::kVideo)
    begin_anew(slot, id, packet.patch.sequence, now);
  if (const auto probe = endpoint_.congestion().pass({kind, id}, size, now)) {
    leave(slot, id, packet, buffer, presentation_of(buffer, now),
          {now, departure.wall_clock, *probe});
  } else {
    wait(kind, size, {id, share(buffer), packet.patch, now}, now);
  }
}

void Sender::leave(Slot& slot, SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer,
                   Timestamp presentation, const SendEndpoint::Departure& departure) {
  const auto& source = *packet.source;
  std::array<std::uint8_t, kHeaderRoom> head;
  const auto header =
      endpoint_.write_header(head, id, source, packet.patch, presentation, departure);
  if (header.size == 0) {
    ++dropped_not_negotiated_;
    return;
  }
  transport_->send_rtp(Bytes(head).first(header.size), source.payload, packet.patch.edit,
                       header.rollover);
  if (!slot.keeps) return;
  // Not before there is something to keep: most slots of a large room never show anything.
  if (!slot.cache) slot.cache = std::make_unique<Cache>(kCache);
  slot.cache->add(share(buffer), packet.patch, departure.now);
}

GstFlowReturn Sender::send_plain(SlotId id, const RtpForward::Packet& packet, GstBuffer* buffer) {
  const auto& source = *packet.source;
  const auto& edit = packet.patch.edit;
  std::array<std::uint8_t, kHeaderRoom> head;
  Ref<GstPad> out;
  std::size_t size = 0;
  {
    std::lock_guard hold(mutex_);
    const auto now = monotonic_now();
    size = endpoint_
               .write_header(head, id, source, packet.patch, presentation_of(buffer, now),
                             {now, wall_clock()})
               .size;
    if (size == 0) ++dropped_not_negotiated_;
    out = plain_;
  }
  if (size == 0 || !out) return GST_FLOW_OK;
  GstBuffer* plain = gst_buffer_new_allocate(nullptr, size + source.payload.size(), nullptr);
  gst_buffer_fill(plain, 0, head.data(), size);
  gst_buffer_fill(plain, size, source.payload.data(), source.payload.size());
  gst_buffer_fill(plain, size + edit.offset, edit.bytes.data(), edit.length);
  GST_BUFFER_PTS(plain) = GST_BUFFER_PTS(buffer);
  return gst_pad_push(out.get(), plain);
}

void Sender::resend(const SendEndpoint::Resend& wish, Timestamp now) {
  auto* slot = find(wish.slot);
  if (!slot || !slot->cache || !transport_ || is_needless(*slot, wish.sequence, now)) return;
  const auto* kept = slot->cache->request(wish.sequence, now, endpoint_.round_trip());
  if (!kept) return;
  const auto size = SendEndpoint::size_of(gst_buffer_get_size(kept->packet.get()));
  if (!endpoint_.congestion().allow_resend(size, now)) return;
  slot->cache->mark_resent(wish.sequence, now);
  if (const auto probe = endpoint_.congestion().pass(PacedKind::kRetransmission, size, now)) {
    leave_again(wish.slot, kept->packet.get(), kept->patch, {now, wall_clock(), *probe});
  } else {
    wait(PacedKind::kRetransmission, size,
         {wish.slot, share(kept->packet.get()), kept->patch, now, true}, now);
  }
}

std::size_t Sender::leave_again(SlotId id, GstBuffer* buffer, const RtpPatch& patch,
                                const SendEndpoint::Departure& departure) {
  const MappedBuffer mapped(buffer);
  const auto source = parse_rtp(mapped.bytes());
  if (!source) return 0;
  std::array<std::uint8_t, kHeaderRoom> head;
  const auto header = endpoint_.write_rtx_header(head, id, *source, patch, departure);
  if (header.size == 0) return 0;
  transport_->send_rtp(Bytes(head).first(header.size), source->payload, patch.edit, header.rollover,
                       header.prefix);
  return static_cast<std::size_t>(header.on_the_wire.bytes());
}

void Sender::on_rtcp(Bytes compound, Timestamp arrival) {
  std::vector<Ref<GstPad>> keyframes;
  Ref<GstElement> listener;
  {
    std::lock_guard hold(mutex_);
    const auto requests = endpoint_.observe_rtcp(compound, arrival, unix_to_ntp(wall_clock()));
    for (const auto& wish : requests.resends) resend(wish, arrival);
    for (const auto id : requests.keyframes) {
      if (const auto* slot = find(id)) keyframes.push_back(share(slot->pad));
    }
    if (transport_) arm_pacing(arrival);
    listener = take_news(arrival);
  }
  notify(listener);
  ask_for_keyframes(keyframes);
}

void Sender::ask_for_keyframes(const std::vector<Ref<GstPad>>& pads) {
  for (const auto& pad : pads) {
    gst_pad_push_event(pad.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  }
}

Ref<GstElement> Sender::take_news(Timestamp now) {
  if (!owner_ || !endpoint_.congestion().take_news(now)) return nullptr;
  return share(owner_);
}

void Sender::notify(const Ref<GstElement>& listener) {
  if (listener) g_object_notify_by_pspec(G_OBJECT(listener.get()), estimate_property_);
}

void Sender::set_rates(const std::function<void(CongestionControl&)>& change) {
  Ref<GstElement> listener;
  {
    std::lock_guard hold(mutex_);
    change(endpoint_.congestion());
    listener = take_news(monotonic_now());
  }
  notify(listener);
}

DataRate Sender::estimate() const {
  std::lock_guard hold(mutex_);
  return endpoint_.congestion().estimate();
}

bool Sender::estimating() const {
  std::lock_guard hold(mutex_);
  return endpoint_.congestion().is_active();
}

void Sender::request_keyframes() {
  std::vector<Ref<GstPad>> pads;
  {
    std::lock_guard hold(mutex_);
    for (const auto& slot : slots_)
      if (slot && slot->settings.kind == MediaKind::kVideo) pads.push_back(share(slot->pad));
  }
  ask_for_keyframes(pads);
}

std::optional<Timestamp> Sender::on_timer(Timestamp now) {
  std::unique_lock hold(mutex_);
  if (!transport_ || !timer_set_) return std::nullopt;
  std::array<std::uint8_t, kRtcpSize> packet;
  while (const auto size = endpoint_.write_report(packet, now, unix_to_ntp(wall_clock())))
    transport_->send_rtcp(Bytes(packet).first(size));
  for (auto& slot : slots_)
    if (slot && slot->cache) slot->cache->release_older(now - kCache.max_age);
  endpoint_.congestion().tick(now);
  arm_pacing(now);
  const auto listener = take_news(now);
  hold.unlock();
  notify(listener);
  return now + kTimerInterval;
}

std::optional<SendEndpoint::Stats> Sender::stats(SlotId id) const {
  std::lock_guard hold(mutex_);
  return endpoint_.stats(id);
}

Owned<GstStructure> Sender::stats() const {
  std::lock_guard hold(mutex_);
  return send_stats(endpoint_, {dropped_not_ready_, dropped_not_negotiated_, dropped_malformed_});
}

}  // namespace rooms
