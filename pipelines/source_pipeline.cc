// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/source_pipeline.h"

#include <gst/app/app.h>

#include <algorithm>
#include <utility>

#include "gst/core/codec/h264_size.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"
#include "pipelines/level_messages.h"
#include "pipelines/srt_peer.h"

namespace rooms {
namespace {

/// Of the jitter buffer before a camera's stream.
constexpr guint kRtspLatency = 200;             // ms
constexpr guint64 kConnectTimeout = 5'000'000;  // us
constexpr guint kRtmpTimeout = 10;              // s
/// Encoders put no more than sixteen before the one that is shown first.
constexpr unsigned kEnoughPictures = 20;

/// rtsp-lower-trans: 1 is UDP, 2 is multicast, 4 is TCP.
constexpr guint protocols_of(SourceTransport transport) {
  switch (transport) {
    case SourceTransport::kUdp:
      return 1;
    case SourceTransport::kTcp:
      return 4;
    case SourceTransport::kAuto:
      break;
  }
  return 1 | 4;
}

/// srtsrc gives its reason only here.
SourceProblem problem_of(const GError& error, std::string_view debug) {
  if (debug.find("Failed to authenticate") != std::string_view::npos)
    return SourceProblem::kUnauthorized;
  if (error.domain == GST_RESOURCE_ERROR) {
    if (error.code == GST_RESOURCE_ERROR_NOT_AUTHORIZED) return SourceProblem::kUnauthorized;
    if (error.code == GST_RESOURCE_ERROR_NOT_FOUND) return SourceProblem::kNotFound;
    return SourceProblem::kUnreachable;
  }
  if (error.domain == GST_CORE_ERROR && error.code == GST_CORE_ERROR_MISSING_PLUGIN)
    return SourceProblem::kIncapable;
  if (error.domain == GST_STREAM_ERROR) {
    if (error.code == GST_STREAM_ERROR_CODEC_NOT_FOUND) return SourceProblem::kUndecodable;
    if (error.code == GST_STREAM_ERROR_TYPE_NOT_FOUND || error.code == GST_STREAM_ERROR_WRONG_TYPE)
      return SourceProblem::kNothingThere;
  }
  return SourceProblem::kUnreachable;
}

/// Whether H.264 that tells its parameter sets in its caps says that it has B-frames.
bool announces_reordering(const GstCaps* caps) {
  const auto* fields = gst_caps_get_structure(caps, 0);
  const auto* record = gst_structure_get_value(fields, "codec_data");
  if (!gst_structure_has_name(fields, "video/x-h264") || !record || !GST_VALUE_HOLDS_BUFFER(record))
    return false;
  const MappedBuffer bytes(gst_value_get_buffer(record));
  return avc_record_reorders(bytes.bytes());
}

Ref<GstCaps> caps_of(GstPad* pad) {
  auto caps = adopt(gst_pad_get_current_caps(pad));
  return caps ? caps : adopt(gst_pad_query_caps(pad, nullptr));
}

}  // namespace

/// Lives as long as its appsink.
struct SourcePipeline::Branch {
  SourcePipeline* owner = nullptr;
  std::shared_ptr<SourcePort> port;
  ReorderWatch order;
  unsigned pictures = 0;
  GstSegment segment;
};

SourcePipeline::SourcePipeline(Executor& executor, Settings settings, Callbacks callbacks)
    : executor_(executor), settings_(std::move(settings)), callbacks_(std::move(callbacks)) {}

SourcePipeline::~SourcePipeline() {
  if (!pipeline_) return;
  g_source_destroy(bus_watch_);
  g_source_unref(bus_watch_);
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

/// What follows the last slash is the stream's key, which may have slashes of its own: %2F.
Ref<GstElement> SourcePipeline::make_rtmp_entry() {
  auto entry = sink(gst_element_factory_make("rtmp2src", nullptr));
  if (!entry) return nullptr;
  g_object_set(entry.get(), "location", settings_.uri.text.c_str(), "timeout", kRtmpTimeout,
               nullptr);
  gchar* stream = nullptr;
  g_object_get(entry.get(), "stream", &stream, nullptr);
  const auto key = own(stream);
  const auto plain = own(key ? g_uri_unescape_string(key.get(), nullptr) : nullptr);
  if (plain) g_object_set(entry.get(), "stream", plain.get(), nullptr);
  return entry;
}

Ref<GstElement> SourcePipeline::make_srt_entry() {
  const auto address = parse_push_address(settings_.uri.text);
  auto entry = sink(gst_element_factory_make("srtsrc", nullptr));
  if (entry && address) configure_srt(entry.get(), *address);
  return entry;
}

Ref<GstElement> SourcePipeline::make_entry() {
  const auto& uri = settings_.uri;
  if (settings_.stream) return settings_.stream->open();
  if (uri.is_rtmp()) return make_rtmp_entry();
  if (uri.is_srt()) return make_srt_entry();
  auto entry = sink(gst_element_factory_make(uri.is_rtsp() ? "rtspsrc" : "urisourcebin", nullptr));
  if (!entry) return nullptr;
  if (!uri.is_rtsp()) {
    g_object_set(entry.get(), "uri", uri.text.c_str(), nullptr);
    return entry;
  }
  g_object_set(entry.get(), "location", uri.text.c_str(), "latency", kRtspLatency, "tcp-timeout",
               kConnectTimeout, "protocols", protocols_of(settings_.transport), nullptr);
  return entry;
}

void SourcePipeline::start() {
  pipeline_ = sink(gst_pipeline_new("source"));
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  bus_watch_ = gst_bus_create_watch(bus.get());
  g_source_set_callback(bus_watch_, G_SOURCE_FUNC(on_bus_message), this, nullptr);
  g_source_attach(bus_watch_, executor_.context());
  const auto clock = adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
  const auto entry = make_entry();
  if (!entry)
    return callbacks_.on_problem(SourceProblem::kIncapable,
                                 "rtspsrc, rtmp2src, srtsrc, appsrc or urisourcebin");
  g_signal_connect(entry.get(), "pad-added", G_CALLBACK(on_entry_pad), this);
  gst_bin_add(GST_BIN(pipeline_.get()), entry.get());
  if (const auto pad = adopt(gst_element_get_static_pad(entry.get(), "src"))) add_parser(pad.get());
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

std::string SourcePipeline::undecodable() const {
  return undecodable_.with([](const std::string& types) { return types; });
}

void SourcePipeline::on_entry_pad(GstElement* /*entry*/, GstPad* pad, gpointer self) {
  static_cast<SourcePipeline*>(self)->add_parser(pad);
}

void SourcePipeline::add_parser(GstPad* pad) {
  const auto parser = sink(gst_element_factory_make("parsebin", nullptr));
  if (!parser) return drain(pad);
  g_signal_connect(parser.get(), "pad-added", G_CALLBACK(on_parsed_pad), this);
  gst_bin_add(GST_BIN(pipeline_.get()), parser.get());
  const auto sink_pad = adopt(gst_element_get_static_pad(parser.get(), "sink"));
  gst_pad_link(pad, sink_pad.get());
  gst_element_sync_state_with_parent(parser.get());
}

void SourcePipeline::on_parsed_pad(GstElement* /*parser*/, GstPad* pad, gpointer self) {
  static_cast<SourcePipeline*>(self)->add_branch(pad);
}

/// What is not linked would stop what is.
void SourcePipeline::drain(GstPad* pad) {
  const auto bucket = sink(gst_element_factory_make("fakesink", nullptr));
  g_object_set(bucket.get(), "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), bucket.get());
  gst_element_sync_state_with_parent(bucket.get());
  const auto sink_pad = adopt(gst_element_get_static_pad(bucket.get(), "sink"));
  gst_pad_link(pad, sink_pad.get());
}

void SourcePipeline::add_branch(GstPad* pad) {
  const auto caps = caps_of(pad);
  if (!caps || gst_caps_is_empty(caps.get()) || gst_caps_is_any(caps.get())) return drain(pad);
  // Cameras send no B-frames, whatever their parameter sets say; what an encoder for RTMP says it
  // does, and to be opened again would cost it a keyframe.
  const bool reencode =
      settings_.reencode || (settings_.uri.is_rtmp() && announces_reordering(caps.get()));
  const auto plan = branch_for(caps.get(), {reencode, !settings_.uri.is_live()});
  if (!plan) {
    undecodable_.with([&](std::string& types) {
      types += (types.empty() ? "" : ", ") +
               std::string(gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)));
    });
    return drain(pad);
  }
  auto port = callbacks_.on_stream(*plan);
  GError* problem = nullptr;
  const auto bin = port ? sink(gst_parse_bin_from_description_full(
                              ("queue name=entry ! " + plan->line).c_str(), FALSE, nullptr,
                              GST_PARSE_FLAG_FATAL_ERRORS, &problem))
                        : nullptr;
  if (!bin) {
    const auto error = own(problem);
    if (error)
      executor_.post([on_problem = callbacks_.on_problem, text = std::string(error->message)] {
        on_problem(SourceProblem::kIncapable, text);
      });
    return drain(pad);
  }
  // A decodebin waits until it knows what it decodes. Without this the whole pipeline waits with
  // it, and the branches that come meanwhile are left in PAUSED.
  g_object_set(bin.get(), "async-handling", TRUE, nullptr);
  auto* branch = new Branch{this, port, {}, 0, {}};
  gst_segment_init(&branch->segment, GST_FORMAT_TIME);
  const auto out = adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "out"));
  const auto out_pad = adopt(gst_element_get_static_pad(out.get(), "sink"));
  g_object_set(out.get(), "emit-signals", TRUE, nullptr);
  g_signal_connect_data(
      out.get(), "new-sample", G_CALLBACK(on_sample), branch,
      [](gpointer data, GClosure*) { delete static_cast<Branch*>(data); }, GConnectFlags(0));
  port->begin_anew(plan->encodes && plan->kind == MediaKind::kVideo ? out_pad : nullptr);
  speak_for(GST_BIN(bin.get()), port);
  if (const auto pace = adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "pace"))) {
    const auto entrance = adopt(gst_element_get_static_pad(pace.get(), "sink"));
    gst_pad_add_probe(entrance.get(), GST_PAD_PROBE_TYPE_BUFFER, on_paced, branch, nullptr);
  }
  // It is as it stays.
  if (plan->encodes && plan->kind == MediaKind::kVideo && settings_.stream)
    settings_.stream->forget_beginning();
  if (const auto pay = adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "pay"))) {
    const auto entrance = adopt(gst_element_get_static_pad(pay.get(), "sink"));
    gst_pad_add_probe(entrance.get(), GST_PAD_PROBE_TYPE_BUFFER, on_picture, branch, nullptr);
  }
  // By hand: what the parser would take for the entry may be the pad behind a decodebin, which is
  // not linked yet either.
  const auto entry = adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "entry"));
  const auto inner = adopt(gst_element_get_static_pad(entry.get(), "sink"));
  auto* sink_pad = gst_ghost_pad_new("sink", inner.get());
  gst_element_add_pad(bin.get(), sink_pad);
  gst_bin_add(GST_BIN(pipeline_.get()), bin.get());
  gst_element_sync_state_with_parent(bin.get());
  gst_pad_link(pad, sink_pad);
}

Timestamp SourcePipeline::played_at(GstClockTime running) {
  const Duration at(static_cast<std::int64_t>(running));
  const auto now = monotonic_now();
  return shift_.with([&](std::optional<Duration>& shift) {
    if (!shift) shift = now.time_since_epoch() - at;
    return Timestamp(at + *shift);
  });
}

/// A file begins to be read some time after its pipeline plays; what is held to the clock is held
/// from the first buffer on.
GstPadProbeReturn SourcePipeline::on_paced(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  auto* self = static_cast<Branch*>(data)->owner;
  auto* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const auto event = adopt(gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0));
  if (!event || !GST_BUFFER_PTS_IS_VALID(buffer)) return GST_PAD_PROBE_OK;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event.get(), &segment);
  const auto running =
      gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_PAD_PROBE_OK;
  const auto at = self->played_at(running);
  const auto pace = adopt(gst_pad_get_parent_element(pad));
  const auto base = gst_element_get_base_time(pace.get());
  g_object_set(pace.get(), "ts-offset",
               static_cast<gint64>(to_gst(at)) - static_cast<gint64>(base + running), nullptr);
  return GST_PAD_PROBE_REMOVE;
}

GstPadProbeReturn SourcePipeline::on_picture(GstPad* /*pad*/, GstPadProbeInfo* info,
                                             gpointer data) {
  auto* branch = static_cast<Branch*>(data);
  auto* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return GST_PAD_PROBE_OK;
  const Timestamp shown_at{Duration(static_cast<std::int64_t>(GST_BUFFER_PTS(buffer)))};
  auto* self = branch->owner;
  if (branch->order.observe(shown_at) && !self->told_reordering_.exchange(true))
    self->executor_.post(self->callbacks_.on_reordering);
  if (++branch->pictures == kEnoughPictures && self->settings_.stream)
    self->settings_.stream->forget_beginning();
  // Nobody could show what is in the wrong order.
  return branch->order.reorders() ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

GstFlowReturn SourcePipeline::on_sample(GstElement* appsink, gpointer data) {
  auto& branch = *static_cast<Branch*>(data);
  const auto sample = adopt(gst_app_sink_pull_sample(GST_APP_SINK(appsink)));
  if (!sample) return GST_FLOW_OK;
  auto* buffer = gst_sample_get_buffer(sample.get());
  if (!buffer || !GST_BUFFER_PTS_IS_VALID(buffer)) return GST_FLOW_OK;
  const auto running = gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                                   GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_FLOW_OK;
  branch.owner->packets_.fetch_add(1, std::memory_order_relaxed);
  const auto flow = branch.port->push(buffer, gst_sample_get_caps(sample.get()),
                                      branch.owner->played_at(running));
  // The router never stops a source; what it does not want it drops.
  return flow == GST_FLOW_FLUSHING ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

gboolean SourcePipeline::on_bus_message(GstBus* /*bus*/, GstMessage* message, gpointer data) {
  auto* self = static_cast<SourcePipeline*>(data);
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      self->on_error(message);
      break;
    case GST_MESSAGE_EOS:
      self->callbacks_.on_end();
      break;
    case GST_MESSAGE_ELEMENT:
      take_level(message);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

void SourcePipeline::on_error(GstMessage* message) {
  GError* raw = nullptr;
  gchar* debug = nullptr;
  gst_message_parse_error(message, &raw, &debug);
  const auto error = own(raw);
  const auto text = own(debug);
  g_log(G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "source %s: %s: %s", settings_.uri.shown.c_str(),
        GST_OBJECT_NAME(GST_MESSAGE_SRC(message)),
        without_secrets(std::string(error->message) + " " + (text ? text.get() : ""), settings_.uri)
            .c_str());
  const std::string_view debug_text = text ? text.get() : "";
  std::string detail = error->message;
  if (settings_.uri.is_srt()) detail = debug_text.substr(debug_text.rfind('\n') + 1);
  callbacks_.on_problem(problem_of(*error, debug_text), without_secrets(detail, settings_.uri));
}

}  // namespace rooms
