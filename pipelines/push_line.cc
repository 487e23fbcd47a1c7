// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/push_line.h"

#include <gio/gio.h>
#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/srt_peer.h"

namespace rooms {
namespace {

/// One of the two that is late holds up the other so long: a mix is some 200 ms old when it comes.
constexpr guint64 kMuxerPatience = 1'000'000'000;
constexpr Duration kOldest = std::chrono::seconds(5);
constexpr GstClockTime kDrainPatience = 1'000'000'000;

Ref<GstElement> make(const char* factory) {
  return sink(gst_element_factory_make(factory, nullptr));
}

Error missing(const char* factory) {
  return {"push-broken", std::string("The element ") + factory + " is missing here."};
}

/// Of a structure in the sink's `stats`, wherever it stands there.
guint64 number_in(const GstStructure* stats, const char* name) {
  guint64 number = 0;
  gint64 is_signed = 0;
  if (gst_structure_get_uint64(stats, name, &number)) return number;
  if (gst_structure_get_int64(stats, name, &is_signed) && is_signed > 0)
    return static_cast<guint64>(is_signed);
  return 0;
}

using Players = std::atomic<int>;

void on_caller(GstElement* /*sink*/, int /*socket*/, GSocketAddress* /*from*/, gpointer players) {
  ++*static_cast<Players*>(players);
}

void on_caller_gone(GstElement* /*sink*/, int /*socket*/, GSocketAddress* /*from*/,
                    gpointer players) {
  --*static_cast<Players*>(players);
}

Owned<GstStructure> stats_of(GstElement* sink) {
  GstStructure* stats = nullptr;
  g_object_get(sink, "stats", &stats, nullptr);
  return own(stats);
}

}  // namespace

PushLine::PushLine(const PushAddress& address)
    : scheme_(address.scheme),
      listens_(address.listens),
      pipeline_(sink(gst_pipeline_new("push"))) {}

Result<std::unique_ptr<PushLine>> PushLine::start(const PushAddress& address) {
  std::unique_ptr<PushLine> line(new PushLine(address));
  if (auto built = line->build(address); !built) return built.error();
  gst_element_set_state(line->pipeline_.get(), GST_STATE_PLAYING);
  return line;
}

Status PushLine::build(const PushAddress& address) {
  const bool srt = scheme_ == PushScheme::kSrt;
  const char* muxer = srt ? "mpegtsmux" : "flvmux";
  const char* sink_factory = srt ? "srtsink" : "rtmp2sink";
  muxer_ = make(muxer);
  sink_ = make(sink_factory);
  if (!muxer_) return missing(muxer);
  if (!sink_) return missing(sink_factory);
  g_object_set(muxer_.get(), "latency", kMuxerPatience, nullptr);
  g_object_set(sink_.get(), "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
  if (srt) {
    g_object_set(muxer_.get(), "alignment", 7, nullptr);  // as much as a datagram holds
    configure_srt(sink_.get(), address);
    g_signal_connect(sink_.get(), "caller-added", G_CALLBACK(on_caller), &players_);
    g_signal_connect(sink_.get(), "caller-removed", G_CALLBACK(on_caller_gone), &players_);
  } else {
    g_object_set(muxer_.get(), "streamable", TRUE, nullptr);
    GError* problem = nullptr;
    if (!gst_uri_handler_set_uri(GST_URI_HANDLER(sink_.get()), address.uri.c_str(), &problem)) {
      const auto error = own(problem);
      return Error{"push-broken", address.hide_secrets(error ? error->message : "")};
    }
    g_object_set(sink_.get(), "chunk-size", 4096, nullptr);
  }
  gst_bin_add_many(GST_BIN(pipeline_.get()), muxer_.get(), sink_.get(), nullptr);
  gst_element_link(muxer_.get(), sink_.get());
  // MPEG-TS repeats parameter sets before keyframes, and has ADTS around AAC.
  if (auto linked = link(picture_, srt ? "h264parse" : nullptr); !linked) return linked;
  if (auto linked = link(sound_, srt ? "aacparse" : nullptr); !linked) return linked;
  // Times are those of the room: what is late by this clock is late.
  const auto clock = adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
  // What comes first was captured before: no time is below zero.
  const auto origin = std::max(monotonic_now() - kOldest, Timestamp());
  base_time_ = static_cast<GstClockTime>(origin.time_since_epoch().count());
  gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline_.get(), base_time_);
  bus_ = adopt(gst_element_get_bus(pipeline_.get()));
  return Done{};
}

Status PushLine::link(Input& input, const char* parser) {
  input.source = make("appsrc");
  if (!input.source) return missing("appsrc");
  g_object_set(input.source.get(), "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes",
               guint64{0}, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), input.source.get());
  auto* last = input.source.get();
  if (parser) {
    const auto element = make(parser);
    if (!element) return missing(parser);
    if (&input == &picture_) g_object_set(element.get(), "config-interval", -1, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), element.get());
    gst_element_link(last, element.get());
    last = element.get();
  }
  const char* pad = scheme_ == PushScheme::kSrt ? "sink_%d"
                    : &input == &picture_       ? "video"
                                                : "audio";
  if (gst_element_link_pads(last, "src", muxer_.get(), pad)) return Done{};
  return Error{"push-broken", std::string("The muxer takes no ") + pad + "."};
}

PushLine::~PushLine() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void PushLine::describe(Input& input, const StreamSetup& setup) const {
  if (setup == input.setup) return;
  input.setup = setup;
  auto record = adopt(gst_buffer_new_memdup(setup.record.data(), setup.record.size()));
  Ref<GstCaps> caps;
  if (setup.is_video()) {
    caps = adopt(gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc",
                                     "alignment", G_TYPE_STRING, "au", "width", G_TYPE_INT,
                                     int{setup.width}, "height", G_TYPE_INT, int{setup.height},
                                     "codec_data", GST_TYPE_BUFFER, record.get(), nullptr));
  } else {
    caps = adopt(gst_caps_new_simple(
        "audio/mpeg", "mpegversion", G_TYPE_INT, 4, "stream-format", G_TYPE_STRING, "raw", "framed",
        G_TYPE_BOOLEAN, TRUE, "rate", G_TYPE_INT, static_cast<int>(setup.sample_rate), "channels",
        G_TYPE_INT, int{setup.channels}, "codec_data", GST_TYPE_BUFFER, record.get(), nullptr));
  }
  gst_app_src_set_caps(GST_APP_SRC(input.source.get()), caps.get());
}

void PushLine::push(EncodedFrame frame, bool video) {
  auto& input = video ? picture_ : sound_;
  if (frame.keyframe) describe(input, frame.setup);
  const auto captured = static_cast<GstClockTime>(frame.time.time_since_epoch().count());
  auto* buffer = gst_buffer_new_memdup(frame.data.data(), frame.data.size());
  GST_BUFFER_PTS(buffer) = captured - std::min(captured, base_time_);
  GST_BUFFER_DTS(buffer) = GST_BUFFER_PTS(buffer);
  if (!frame.keyframe) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  offered_ += frame.data.size();
  gst_app_src_push_buffer(GST_APP_SRC(input.source.get()), buffer);  // takes it
}

std::optional<std::string> PushLine::take_error() {
  const auto message = adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR));
  if (!message) return std::nullopt;
  GError* error = nullptr;
  gchar* details = nullptr;
  gst_message_parse_error(message.get(), &error, &details);
  const auto owned_error = own(error);
  const auto owned_details = own(details);
  std::string text = error->message;
  // Behind the place in its source, elements tell what the network said.
  const std::string_view more = details ? details : "";
  if (const auto line = more.rfind('\n'); line != std::string_view::npos)
    text += " " + std::string(more.substr(line + 1));
  return text;
}

void PushLine::drain() {
  for (auto* source : {picture_.source.get(), sound_.source.get()})
    gst_app_src_end_of_stream(GST_APP_SRC(source));
  const auto ended = adopt(
      gst_bus_timed_pop_filtered(bus_.get(), kDrainPatience,
                                 static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
}

bool PushLine::is_connected() const {
  if (listens_) return players() > 0;
  // rtmp2sink has a connection when the server has agreed to the stream, srtsink when it has
  // started.
  return scheme_ == PushScheme::kSrt || sent() > 0;
}

std::uint64_t PushLine::sent() const {
  const auto stats = stats_of(sink_.get());
  if (!stats) return 0;
  return number_in(stats.get(),
                   scheme_ == PushScheme::kSrt ? "bytes-sent-total" : "out-bytes-total");
}

std::size_t PushLine::waiting() const {
  if (listens_ && players() == 0) return 0;  // it is thrown away
  const auto taken = sent();
  return offered_ > taken ? static_cast<std::size_t>(offered_ - taken) : 0;
}

unsigned PushLine::players() const {
  return listens_ ? static_cast<unsigned>(std::max(players_.load(), 0)) : 1;
}

}  // namespace rooms
