// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/router_input.h"

#include <gst/video/video.h>

#include "elements/sfurouter_debug.h"

namespace rooms {
namespace {

// Handing a round to another worker costs about as much as forwarding it to one output.
constexpr std::size_t kLargeAudience = 32;

/// Layers of one track that are this long behind the others are off (Chromium turns them off when
/// its line gets narrow).
constexpr Duration kShortestSilence = std::chrono::milliseconds(250);
constexpr Duration kSilenceBeforeMeasured = std::chrono::seconds(1);
constexpr int kFramesMissed = 3;
/// Packets that a retransmission may be behind the newest one; more is a new beginning.
constexpr std::uint16_t kLatest = 1000;
/// One that others have left behind has to go on for so long.
constexpr Duration kTrial = std::chrono::milliseconds(500);

Duration silence_at(double frame_rate) {
  if (frame_rate <= 0) return kSilenceBeforeMeasured;
  return std::max(Duration(static_cast<std::int64_t>(kFramesMissed * 1e9 / frame_rate)),
                  kShortestSilence);
}

std::string pad_name(GstPad* pad) {
  const auto name = own(gst_object_get_name(GST_OBJECT_CAST(pad)));
  return name ? name.get() : "";
}

GstClockTime to_clock_time(Timestamp time) {
  return static_cast<GstClockTime>(time.time_since_epoch().count());
}

gboolean on_due(GstClock* /*clock*/, GstClockTime time, GstClockID /*id*/, gpointer pad) {
  if (GST_CLOCK_TIME_IS_VALID(time)) {
    input_of(SFU_ROUTER_SINK(pad))
        .poll_keyframe(Timestamp{Duration{static_cast<std::int64_t>(time)}});
  }
  return TRUE;
}

}  // namespace

RouterInput::RouterInput(GstPad* pad) : pad_(pad), patience_(silence_at(0).count()) {
  const auto caps = adopt(gst_caps_new_empty_simple("application/x-rtp"));
  plan_.with([&](Plan& plan) {
    plan.outputs = std::make_shared<const Outputs>();
    plan.format = read_format(caps.get());
  });
  set_track_number();
}

RouterInput::Settings RouterInput::settings() const {
  return settings_.with([](const Settings& s) { return s; });
}

void RouterInput::set_settings(Settings settings) {
  settings_.with([&](Settings& s) { s = std::move(settings); });
  set_track_number();
}

void RouterInput::set_track_number() {
  // Tracks whose numbers are equal by chance would only be aligned in time where they are not.
  const auto number = static_cast<std::uint32_t>(std::hash<std::string>{}(track())) | 1U;
  plan_.with([&](Plan& plan) { plan.track = number; });
}

void RouterInput::set_has_siblings(bool has) {
  plan_.with([&](Plan& plan) { plan.has_siblings = has; });
}

std::string RouterInput::track() const {
  auto track = settings().track;
  return track.empty() ? pad_name(pad_) : track;
}

RouterInput::Plan RouterInput::plan() const {
  return plan_.with([](const Plan& plan) { return plan; });
}

std::shared_ptr<const Outputs> RouterInput::set_outputs(std::shared_ptr<const Outputs> outputs) {
  if (outputs->size() >= kLargeAudience) large_audience_ = true;
  if (outputs->empty()) large_audience_ = false;
  return plan_.with([&](Plan& plan) { return std::exchange(plan.outputs, std::move(outputs)); });
}

void RouterInput::set_format(GstCaps* caps) {
  const auto old = plan().format;
  if (gst_caps_is_equal(old->caps.get(), caps)) return;
  auto format = read_format(caps);
  plan_.with([&](Plan& plan) { plan.format.swap(format); });
}

std::optional<SourcePacket> RouterInput::read(const Plan& plan, GstBuffer* buffer, Bytes packet,
                                              Timestamp now) {
  const auto header = parse_rtp(packet);
  if (!header) {
    malformed_.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  const auto& format = *plan.format;
  SourcePacket source{.encoding = id_,
                      .track = plan.track,
                      .format = format.encoding,
                      .header = *header,
                      .frame = {},
                      .captured = {},
                      .now = now};
  if (format.encoding.kind != MediaKind::kAudio)
    source.frame = inspector_.inspect(format.encoding.codec, packet, *header, format.descriptor_id);
  if (plan.has_siblings && GST_BUFFER_PTS_IS_VALID(buffer))
    source.captured = Timestamp(Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(buffer))));
  return source;
}

RouterInput::News RouterInput::observe(const RouterPacket& packet) {
  const auto& source = packet.source;
  packets_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(packet.bytes.size(), std::memory_order_relaxed);
  const bool is_old = comes_late(source.header);
  ssrc_.store(source.header.ssrc, std::memory_order_relaxed);
  if (source.header.marker) pictures_.fetch_add(1, std::memory_order_relaxed);
  const bool goes_on = !is_old && note_arrival(source.now);
  if (source.format.kind == MediaKind::kAudio) keep_latest(packet);
  if (source.frame.keyframe) {
    keyframes_seen_.fetch_add(1, std::memory_order_relaxed);
    keyframes_.with([](Keyframes& k) { k.gate.observe_keyframe(); });
    keyframe_deferred_ = false;
  }
  if (keyframe_deferred_.load(std::memory_order_relaxed)) poll_keyframe(source.now);
  const auto tick =
      meter_.observe(source.frame, source.header.timestamp, packet.bytes.size(), source.now);
  if (tick == LayerMeter::Tick::kTable) publish_table();
  if (!is_old && !active_.load(std::memory_order_relaxed) && may_begin(source)) {
    active_ = true;
    return News::kBegins;
  }
  // Siblings that are silent are so from now on, and not since before.
  if (goes_on && tick == LayerMeter::Tick::kNone) return News::kTime;
  return tick == LayerMeter::Tick::kNone   ? News::kNone
         : tick == LayerMeter::Tick::kTime ? News::kTime
                                           : News::kMeasured;
}

void RouterInput::keep_latest(const RouterPacket& packet) {
  Latest latest{share(packet.buffer), packet.source.now};
  latest_.with([&](Latest& kept) { std::swap(kept, latest); });
}

RouterInput::Latest RouterInput::latest() const {
  return latest_.with([](const Latest& kept) {
    return Latest{share(kept.buffer.get()), kept.came};
  });
}

/// Retransmissions go on for seconds after a publisher has turned a layer off for want of a line.
bool RouterInput::comes_late(const RtpHeader& header) {
  const auto behind = static_cast<std::uint16_t>(newest_ - header.sequence);
  const bool is_old = !begins_anew_.exchange(false, std::memory_order_relaxed) &&
                      header.ssrc == ssrc_.load(std::memory_order_relaxed) && behind < kLatest;
  if (!is_old) newest_ = header.sequence;
  return is_old;
}

bool RouterInput::note_arrival(Timestamp now) {
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t silent = at - last_packet_.load(std::memory_order_relaxed);
  const bool goes_on = silent > patience_.load(std::memory_order_relaxed);
  if (goes_on) {
    steady_since_ = at;
    meter_.resume(now);
  }
  last_packet_.store(at, std::memory_order_relaxed);
  return goes_on;
}

void RouterInput::publish_table() {
  auto table = std::make_shared<const LayerTable>(meter_.table());
  layered_ = table->rows.size() > 1;
  layers_changed_ = std::exchange(targets_, table->targets()) != table->targets();
  patience_ = silence_at(table->frame_rate).count();
  unreadable_ = inspector_.unreadable();
  table_.with([&](std::shared_ptr<const LayerTable>& t) { t.swap(table); });
}

std::shared_ptr<const LayerTable> RouterInput::table() const {
  return table_.with([](const std::shared_ptr<const LayerTable>& t) { return t; });
}

bool RouterInput::fall_silent(const RouterInput& other, Timestamp now) {
  const std::int64_t at = now.time_since_epoch().count();
  const std::int64_t last = last_packet_.load();
  const std::int64_t longest = std::max(patience_.load(), other.patience_.load());
  if (last >= judged_at_) missed_ = 0;
  const std::int64_t step = std::max(at - std::max(last, judged_at_), std::int64_t{0});
  judged_at_ = at;
  // A longer break is one of all layers: after it nobody is behind yet, and before it nobody
  // catches up.
  if (step <= longest) missed_ += step;
  if (!active_ || missed_ <= longest) return false;
  left_behind_ = true;
  return active_.exchange(false);
}

void RouterInput::fall_behind(const RouterInput& lowest) {
  // One that is silent has been judged, and may be back at once.
  const bool judged = active_ || lags_;
  if (!pace_.observe(pictures_, lowest.pictures_, judged ? lowest.id() : 0)) return;
  lags_ = pace_.lags();
  GST_DEBUG_OBJECT(pad_, lags_ ? "lags behind the lowest layer" : "keeps up again");
  if (!lags_) return;
  left_behind_ = true;
  active_ = false;
}

/// A publisher whose line is too narrow sends packets of its higher layers now and then. They would
/// be taken up for a moment, for the price of a keyframe.
bool RouterInput::may_begin(const SourcePacket& packet) {
  const auto at = packet.now.time_since_epoch().count();
  if (lags_) return false;
  if (left_behind_ && !packet.frame.keyframe && at - steady_since_ < kTrial.count()) return false;
  left_behind_ = false;
  return true;
}

bool RouterInput::begin_alone() {
  left_behind_ = lags_ = false;
  pace_ = {};
  return !active_.exchange(true);
}

void RouterInput::set_keyframe_interval(Duration interval) {
  keyframes_.with([&](Keyframes& k) { k.gate.set_interval(interval); });
}

void RouterInput::request_keyframe(GstClock* clock, Timestamp now) {
  requests_asked_.fetch_add(1, std::memory_order_relaxed);
  const auto answer = keyframes_.with([&](Keyframes& k) { return k.gate.request(now); });
  if (answer.send) send_keyframe_request();
  if (answer.due) wake_at(clock, *answer.due);
}

void RouterInput::wake_at(GstClock* clock, Timestamp due) {
  GstClockID id = gst_clock_new_single_shot_id(clock, to_clock_time(due));
  GstClockID previous = keyframes_.with(
      [&](Keyframes& k) { return std::exchange(k.deferred, gst_clock_id_ref(id)); });
  if (previous)
    gst_clock_id_unref(previous);  // it has fired: the gate defers one request at a time
  keyframe_deferred_ = true;
  gst_clock_id_wait_async(id, on_due, gst_object_ref(pad_), gst_object_unref);
  gst_clock_id_unref(id);
}

void RouterInput::poll_keyframe(Timestamp now) {
  const bool due = keyframes_.with([&](Keyframes& k) { return k.gate.poll(now); });
  if (!due) return;
  keyframe_deferred_ = false;
  send_keyframe_request();
}

void RouterInput::forget_keyframe_request() {
  GstClockID deferred = keyframes_.with([](Keyframes& k) {
    k.gate.observe_keyframe();
    return std::exchange(k.deferred, nullptr);
  });
  keyframe_deferred_ = false;
  if (!deferred) return;
  gst_clock_id_unschedule(deferred);
  gst_clock_id_unref(deferred);
}

void RouterInput::send_keyframe_request() {
  const auto count = requests_sent_.fetch_add(1, std::memory_order_relaxed) + 1;
  GST_DEBUG_OBJECT(pad_, "asking for a keyframe");
  gst_pad_push_event(pad_, gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE,
                                                                       static_cast<guint>(count)));
}

void RouterInput::set_ended(bool ended) {
  ended_ = ended;
  begins_anew_ = true;
  if (ended) active_ = left_behind_ = lags_ = false;
}

Owned<GstStructure> RouterInput::stats() const {
  const auto settings = this->settings();
  const auto format = plan().format;
  const auto measured = this->table();
  const LayerTable none;
  const LayerTable& table = measured ? *measured : none;
  auto stats = own(gst_structure_new(
      "application/x-sfu-router-input-stats",                                               //
      "track", G_TYPE_STRING, track().c_str(), "rid", G_TYPE_STRING, settings.rid.c_str(),  //
      "codec", G_TYPE_STRING, std::string(rooms::name_of(format->encoding.codec)).c_str(),  //
      "ssrc", G_TYPE_UINT, ssrc_.load(), "active", G_TYPE_BOOLEAN, gboolean{active()},      //
      "packets", G_TYPE_UINT64, packets_.load(), "bytes", G_TYPE_UINT64, bytes_.load(),     //
      "malformed", G_TYPE_UINT64, malformed_.load(),                                        //
      "unreadable-descriptors", G_TYPE_UINT64, unreadable_.load(),                          //
      "keyframes", G_TYPE_UINT64, keyframes_seen_.load(),                                   //
      "keyframe-requests-received", G_TYPE_UINT64, requests_asked_.load(),                  //
      "keyframe-requests-sent", G_TYPE_UINT64, requests_sent_.load(),                       //
      "bitrate", G_TYPE_UINT64, guint64{active() ? table.bitrate : 0},                      //
      "frame-rate", G_TYPE_DOUBLE, table.frame_rate, "width", G_TYPE_UINT, guint{table.width},
      "height", G_TYPE_UINT, guint{table.height}, nullptr));
  GValue layers = G_VALUE_INIT;
  g_value_init(&layers, GST_TYPE_ARRAY);
  for (const auto& row : table.rows) {
    GValue layer = G_VALUE_INIT;
    g_value_init(&layer, GST_TYPE_STRUCTURE);
    g_value_take_boxed(
        &layer, gst_structure_new("layer", "spatial", G_TYPE_UINT, guint{row.target.spatial},
                                  "temporal", G_TYPE_UINT, guint{row.target.temporal}, "bitrate",
                                  G_TYPE_UINT64, guint64{row.bitrate}, nullptr));
    gst_value_array_append_and_take_value(&layers, &layer);
  }
  gst_structure_take_value(stats.get(), "layers", &layers);
  return stats;
}

}  // namespace rooms
