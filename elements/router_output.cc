// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/router_output.h"

#include <algorithm>

#include "elements/sfurouter_debug.h"
#include "gst/glue/rtp_buffer.h"
#include "gst/glue/rtp_patch_query.h"

namespace rooms {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds(100);
constexpr Duration kRetry = std::chrono::milliseconds(500);

/// Random, and early enough in the circle that a receiver which misses the first packets guesses no
/// wrap (RFC 3711 3.3.1).
RtpStart random_start() {
  RtpStart start;
  start.ssrc = std::max(g_random_int(), 1U);
  start.sequence = static_cast<std::uint16_t>(g_random_int_range(0, 0x8000));
  start.timestamp = g_random_int();
  return start;
}

}  // namespace

RouterOutput::RouterOutput(GstPad* pad) : pad_(pad), stream_(random_start()) {
  settings_.with([&](Settings& s) { s.ssrc = stream_.rtp().ssrc(); });
  wishes_.with([&](Wishes& w) { w.ssrc = stream_.rtp().ssrc(); });
}

// The packet path.

RouterOutput::Outcome RouterOutput::deliver(const RouterRun& run) {
  const auto now = run.first().source.now.time_since_epoch().count();
  const auto retry_at = retry_at_.load(std::memory_order_relaxed);
  const bool retry = retry_at != 0 && now >= retry_at;
  if (retry || (ask_.load(std::memory_order_relaxed) && ask_.exchange(false))) choose_path();
  const Path path = path_;
  if (path == Path::kNone) {
    drop(DropReason::kNoConsumer, run.packets.size());
    return {};
  }
  const unsigned link = link_;
  Outcome outcome;
  std::unique_lock in_order(order_);
  if (wishes_changed_.load(std::memory_order_relaxed)) take_wishes();
  const GstFlowReturn flow = path == Path::kDirect ? push(run, outcome) : queue(run, outcome);
  in_order.unlock();

  if (flow != GST_FLOW_OK) rest(flow, link);
  return outcome;
}

void RouterOutput::prime(const RouterRun& run) {
  if (ask_.load(std::memory_order_relaxed) && ask_.exchange(false)) choose_path();
  if (path_ != Path::kDirect) return;
  const unsigned link = link_;
  Outcome outcome;
  std::unique_lock in_order(order_);
  if (wishes_changed_.load(std::memory_order_relaxed)) take_wishes();
  // A later packet was faster, or this one may have been sent before the pause.
  if (!stream_.waits() || stream_.current() != 0) return;
  const GstFlowReturn flow = push(run, outcome);
  in_order.unlock();
  if (flow != GST_FLOW_OK) rest(flow, link);
}

void RouterOutput::take_wishes() {
  wishes_changed_ = false;
  const Wishes wishes = wishes_.with([](Wishes& w) {
    Wishes taken = w;
    w.announce = w.begin_anew = w.rested = false;
    return taken;
  });
  stream_.want(wishes.route.encoding);
  stream_.limit_layers(wishes.route.layers);
  if (wishes.rested) stream_.pause(true);
  stream_.pause(wishes.paused);
  if (wishes.ssrc != stream_.rtp().ssrc()) announced_ = nullptr;
  stream_.set_ssrc(wishes.ssrc);
  if (wishes.announce) started_ = false;
  if (wishes.begin_anew) stream_.lost_room();
}

Decision RouterOutput::decide(const RouterPacket& packet, Path path, Outcome& outcome) {
  const Decision decision = stream_.consider(packet.source);
  waits_.store(stream_.waits(), std::memory_order_relaxed);
  current_.store(stream_.current(), std::memory_order_relaxed);
  temporal_layer_.store(stream_.temporal_layer(), std::memory_order_relaxed);
  outcome.wants_keyframe = outcome.wants_keyframe || decision.wants_keyframe;
  if (decision.switched || decision.layer_changed) {
    spatial_layer_.store(stream_.spatial_layer(), std::memory_order_relaxed);
    outcome.switched = true;
  }
  if (!decision.forward) {
    drop(decision.reason);
    return decision;
  }
  if (!started_ || announced_ != packet.format) announce(packet, path);
  count(packet, decision);
  return decision;
}

GstFlowReturn RouterOutput::push(const RouterRun& run, Outcome& outcome) {
  std::array<RtpForward::Packet, kMaxRun> forwards;
  std::array<GstBuffer*, kMaxRun> buffers;
  std::size_t taken = 0;
  for (const auto& packet : run.packets) {
    const Decision decision = decide(packet, Path::kDirect, outcome);
    if (!decision.forward) continue;
    forwards[taken] = {&packet.source.header, decision.patch, decision.switched};
    buffers[taken] = packet.buffer;
    ++taken;
  }
  if (run.list && taken == run.packets.size())
    return push({forwards.data(), taken}, nullptr, run.list);
  GstFlowReturn flow = GST_FLOW_OK;
  for (std::size_t i = 0; i < taken && flow == GST_FLOW_OK; ++i) {
    flow = push({&forwards[i], 1}, buffers[i], nullptr);
  }
  return flow;
}

GstFlowReturn RouterOutput::push(std::span<const RtpForward::Packet> forwards, GstBuffer* buffer,
                                 GstBufferList* list) {
  forward_.packets = forwards;
  const GstFlowReturn flow = list ? gst_pad_push_list(pad_, gst_buffer_list_ref(list))
                                  : gst_pad_push(pad_, gst_buffer_ref(buffer));
  forward_.packets = {};
  return flow;
}

GstFlowReturn RouterOutput::queue(const RouterRun& run, Outcome& outcome) {
  for (const auto& packet : run.packets) {
    const bool concerns =
        packet.source.encoding == stream_.wanted() || packet.source.encoding == stream_.current();
    if (concerns && !stream_.paused() && !handoff_.has_room(packet.source.now)) {
      stream_.lost_room();
      waits_.store(true, std::memory_order_relaxed);
      drop(DropReason::kNoRoom);
      continue;
    }
    const Decision decision = decide(packet, Path::kQueued, outcome);
    if (!decision.forward) continue;
    auto buffer = with_patch(packet.buffer, packet.bytes, packet.source.header, decision.patch);
    if (decision.switched) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
    if (!handoff_.put(std::move(buffer), packet.source.now)) return GST_FLOW_FLUSHING;
  }
  return GST_FLOW_OK;
}

void RouterOutput::announce(const RouterPacket& packet, Path path) {
  const bool segment_too = !started_;
  if (segment_too) announce_start(path);
  const auto caps = outgoing_caps(*packet.format, stream_.rtp().ssrc());
  GST_DEBUG_OBJECT(pad_, "caps %" GST_PTR_FORMAT, caps.get());
  hand_over(adopt(gst_event_new_caps(caps.get())), path);
  announced_ = packet.format;
  if (!segment_too) return;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  hand_over(adopt(gst_event_new_segment(&segment)), path);
}

void RouterOutput::announce_start(Path path) {
  GstEvent* event = gst_event_new_stream_start(stream_id().c_str());
  gst_event_set_group_id(event, group_);
  hand_over(adopt(event), path);
  started_ = true;
}

std::string RouterOutput::stream_id() const {
  const auto name = own(gst_object_get_path_string(GST_OBJECT_CAST(pad_)));
  const auto hash = own(g_compute_checksum_for_string(G_CHECKSUM_SHA256, name.get(), -1));
  return std::string("sfurouter/") + hash.get();
}

void RouterOutput::hand_over(Ref<GstEvent> event, Path path) {
  if (path != Path::kDirect && handoff_.is_open()) {
    handoff_.put(std::move(event));
  } else {  // a consumer that promised not to block, or none
    gst_pad_push_event(pad_, event.release());
  }
}

void RouterOutput::end() {
  if (ask_.exchange(false)) choose_path();
  const Path path = path_;
  std::lock_guard in_order(order_);
  if (wishes_changed_) take_wishes();
  if (!started_) announce_start(path);
  hand_over(adopt(gst_event_new_eos()), path);
  started_ = false;  // should packets come again, they begin a new stream
}

// The consumer.

void RouterOutput::choose_path() {
  retry_at_ = 0;
  ++link_;
  if (!active_ || !gst_pad_is_linked(pad_)) {
    path_ = Path::kNone;
    return;
  }
  const auto taker = offer_rtp_forward(pad_, &forward_);
  const Path path = taker ? Path::kDirect : Path::kQueued;
  affinity_ = taker.value_or(RtpForwardTaker{}).affinity;
  if (path_ == path) return;
  GST_DEBUG_OBJECT(pad_, "consumer gets packets %s",
                   path == Path::kDirect ? "directly" : "through a queue");
  path_ = Path::kNone;
  wish([](Wishes& w) { w.begin_anew = true; });
  if (path == Path::kDirect) {
    stop_task();
  } else {
    handoff_.open();
    gst_pad_start_task(
        pad_, [](gpointer self) { static_cast<RouterOutput*>(self)->run(); }, this, nullptr);
  }
  path_ = path;
  if (!active_) {  // deactivated meanwhile: who comes last stops the task
    path_ = Path::kNone;
    stop_task();
  }
}

bool RouterOutput::has_consumer() const {
  return gst_pad_is_linked(pad_) && (ask_ || path_ != Path::kNone);
}

void RouterOutput::run() {
  auto item = handoff_.take();
  if (!item) {
    gst_pad_pause_task(pad_);
    return;
  }
  const unsigned link = link_;
  auto peer = adopt(gst_pad_get_peer(pad_));
  pushing_to_.with([&](Ref<GstPad>& to) { std::swap(to, peer); });
  peer = {};
  GstFlowReturn flow = GST_FLOW_OK;
  if (GST_IS_EVENT(item.get())) {
    gst_pad_push_event(pad_, GST_EVENT_CAST(item.release()));
  } else {
    flow = gst_pad_push(pad_, GST_BUFFER_CAST(item.release()));
  }
  pushing_to_.with([&](Ref<GstPad>& to) { std::swap(to, peer); });
  if (flow != GST_FLOW_OK) rest(flow, link);
}

void RouterOutput::rest(GstFlowReturn flow, unsigned link) {
  last_flow_ = flow;
  failures_.fetch_add(1, std::memory_order_relaxed);
  if (link != link_) return;  // it failed somebody who is gone
  GST_DEBUG_OBJECT(pad_, "rests: consumer returned %s", gst_flow_get_name(flow));
  path_ = Path::kNone;
  drop(DropReason::kNoConsumer, handoff_.discard_packets());
  wish([](Wishes& w) { w.begin_anew = true; });
  // A consumer that flushes tells nobody when it is done. The others do: by a reconfigure, a new
  // link or our own flush.
  if (flow == GST_FLOW_FLUSHING && active_) {
    const auto clock = adopt(gst_system_clock_obtain());
    retry_at_ = static_cast<std::int64_t>(gst_clock_get_time(clock.get())) + kRetry.count();
  }
}

void RouterOutput::activate(bool active) {
  active_ = active;
  if (active) {
    wish([](Wishes& w) { w.announce = w.begin_anew = true; });
    ask_ = true;
  } else {
    path_ = Path::kNone;
    stop_task();
    current_ = 0;
  }
}

void RouterOutput::stop_task() {
  handoff_.close();
  Ref<GstPad> stuck;
  if (!handoff_.wait_idle(kPatience)) {
    stuck = pushing_to_.with([](const Ref<GstPad>& to) { return to; });
  }
  // A flush sets a consumer free that would block the task for ever, even one that has been
  // unlinked meanwhile.
  if (stuck) gst_pad_send_event(stuck.get(), gst_event_new_flush_start());
  gst_pad_stop_task(pad_);
  if (stuck) gst_pad_send_event(stuck.get(), gst_event_new_flush_stop(FALSE));
}

void RouterOutput::start_flush() {
  path_ = Path::kNone;
  handoff_.close();
  gst_pad_push_event(pad_, gst_event_new_flush_start());
  gst_pad_pause_task(pad_);
}

void RouterOutput::stop_flush(bool reset_time) {
  gst_pad_push_event(pad_, gst_event_new_flush_stop(reset_time));
  wish([](Wishes& w) { w.announce = w.begin_anew = true; });
  ask_ = true;
}

// Settings and statistics.

void RouterOutput::wish(void (*change)(Wishes&)) {
  wishes_.with(change);
  wishes_changed_ = true;
}

RouterOutput::Settings RouterOutput::settings() const {
  return settings_.with([](const Settings& s) { return s; });
}

bool RouterOutput::set_settings(const Settings& settings) {
  const bool was_paused =
      settings_.with([&](Settings& s) { return std::exchange(s, settings).paused; });
  wishes_.with([&](Wishes& w) {
    w.paused = settings.paused;
    w.rested = w.rested || settings.paused;
    w.ssrc = settings.ssrc;
  });
  wishes_changed_ = true;
  return was_paused && !settings.paused && has_consumer();
}

bool RouterOutput::want(const Route& choice) {
  const EncodingId encoding = choice.encoding;
  const bool changes =
      wishes_.with([&](Wishes& w) { return std::exchange(w.route, choice) != choice; });
  if (changes) wishes_changed_ = true;
  const bool is_new = wanted_.exchange(encoding) != encoding;
  return is_new && encoding != 0 && encoding != current_ && !settings().paused && has_consumer();
}

RouterOutput::Shown RouterOutput::shown() const {
  return shown_.with([](const Shown& s) { return s; });
}

bool RouterOutput::set_shown(Shown shown) {
  return shown_.with([&](Shown& s) { return std::exchange(s, std::move(shown)) != s; });
}

void RouterOutput::drop(DropReason reason, std::uint64_t packets) {
  drops_[static_cast<std::size_t>(reason)].fetch_add(packets, std::memory_order_relaxed);
}

void RouterOutput::count(const RouterPacket& packet, const Decision& decision) {
  // Written under the order lock only, so a load and a store do what a locked addition would.
  const auto add = [](std::atomic<std::uint64_t>& counter, std::uint64_t n) {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  };
  if (decision.switched && packets_.load(std::memory_order_relaxed) > 0) add(switches_, 1);
  add(packets_, 1);
  add(bytes_, packet.bytes.size());
  sequence_.store(decision.extended_sequence, std::memory_order_relaxed);
  timestamp_.store(decision.patch.timestamp, std::memory_order_relaxed);
}

Owned<GstStructure> RouterOutput::stats() const {
  const auto settings = this->settings();
  const auto shown = this->shown();
  const Path path = path_;
  auto stats = own(gst_structure_new(
      "application/x-sfu-router-output-stats",                                                  //
      "track", G_TYPE_STRING, shown.track.c_str(), "rid", G_TYPE_STRING, shown.rid.c_str(),     //
      "layer", G_TYPE_INT, shown.layer, "target-layer", G_TYPE_INT, target_spatial_.load(),     //
      "temporal-layer", G_TYPE_INT, shown.layer < 0 ? -1 : static_cast<gint>(temporal_layer_),  //
      "target-temporal-layer", G_TYPE_INT, target_temporal_.load(), "ssrc", G_TYPE_UINT,
      settings.ssrc,                                                                             //
      "packets", G_TYPE_UINT64, packets_.load(), "bytes", G_TYPE_UINT64, bytes_.load(),          //
      "extended-sequence", G_TYPE_UINT64, sequence_.load(),                                      //
      "timestamp", G_TYPE_UINT, timestamp_.load(), "switches", G_TYPE_UINT64, switches_.load(),  //
      "waiting-for-keyframe", G_TYPE_BOOLEAN, gboolean{waits_.load()},                           //
      "path", G_TYPE_STRING,
      path == Path::kDirect   ? "direct"
      : path == Path::kQueued ? "queued"
                              : "none",                                       //
      "queued-packets", G_TYPE_UINT, static_cast<guint>(handoff_.packets()),  //
      "last-flow", G_TYPE_STRING, gst_flow_get_name(last_flow_),              //
      "failures", G_TYPE_UINT64, failures_.load(), nullptr));
  for (std::size_t i = 1; i < kDropReasonCount; ++i) {
    const auto name = "dropped-" + std::string(name_of(static_cast<DropReason>(i)));
    gst_structure_set(stats.get(), name.c_str(), G_TYPE_UINT64, drops_[i].load(), nullptr);
  }
  return stats;
}

}  // namespace rooms
