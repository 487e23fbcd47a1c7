// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/encode_chain.h"

#include <gst/video/video.h>

#include <utility>

#include "gst/core/client/layer_plan.h"

namespace rooms {
namespace {

std::string field(const GstStructure* structure, const char* name) {
  const char* text = gst_structure_get_string(structure, name);
  return text ? text : "";
}

SdpFormat format_in(const GstCaps* caps) {
  const auto* structure = gst_caps_get_structure(caps, 0);
  SdpFormat format;
  format.name = field(structure, "encoding-name");
  gint clock_rate = 0;
  gst_structure_get_int(structure, "clock-rate", &clock_rate);
  format.clock_rate = static_cast<std::uint32_t>(clock_rate);
  if (format.name == "OPUS") format.channels = 2;  // RFC 7587 7: always
  if (format.name != "H264") return format;
  const auto profile = field(structure, "profile-level-id");
  format.fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" +
                (profile.empty() ? "42e01f" : profile);
  return format;
}

/// Encoders call the same thing by different names and units.
void set_encoder_bitrate(GstElement* encoder, DataRate rate) {
  const auto* factory = gst_element_get_factory(encoder);
  const std::string name = factory ? GST_OBJECT_NAME(factory) : "";
  const auto bits = static_cast<gint>(rate.bits_per_second());
  if (name == "x264enc") {
    g_object_set(encoder, "bitrate", static_cast<guint>(bits / 1000), nullptr);
  } else if (name == "openh264enc") {
    g_object_set(encoder, "bitrate", static_cast<guint>(bits), nullptr);
  } else {
    g_object_set(encoder, "target-bitrate", bits, nullptr);
  }
}

Ref<GstElement> child(GstElement* bin, const std::string& name) {
  return adopt(gst_bin_get_by_name(GST_BIN(bin), name.c_str()));
}

}  // namespace

EncodeChain::EncodeChain(GstBin* parent, Callbacks callbacks)
    : parent_(share(parent)), callbacks_(std::move(callbacks)) {}

EncodeChain::~EncodeChain() { remove(); }

Result<std::shared_ptr<EncodeChain>> EncodeChain::create(GstBin* bin, GstPad* from,
                                                         const GstCaps* caps,
                                                         const EncodeOptions& options,
                                                         Callbacks callbacks) {
  const auto line = encode_line(caps, options);
  if (!line) return line.error();
  std::shared_ptr<EncodeChain> chain(new EncodeChain(bin, std::move(callbacks)));
  if (auto built = chain->build(from, options, *line); !built) return built.error();
  chain->set_input(caps);
  return chain;
}

Status EncodeChain::build(GstPad* from, const EncodeOptions& options, const EncodeLine& line) {
  GError* raw = nullptr;
  line_ = sink(gst_parse_bin_from_description_full(line.text.c_str(), TRUE, nullptr,
                                                   GST_PARSE_FLAG_FATAL_ERRORS, &raw));
  const auto error = own(raw);
  if (!line_)
    return Error{"plugin-missing", std::string("The encoding pipeline cannot be built: ") +
                                       (error ? error->message : "unknown reason")};
  gst_object_set_name(GST_OBJECT(line_.get()), (options.name + "-line").c_str());
  encodes_ = line.encodes_video;
  formats_.resize(line.layers);
  rates_.resize(line.layers, DataRate::bits_per_second(1));
  for (std::size_t layer = 0; layer < line.layers; ++layer) {
    const auto number = std::to_string(layer);
    auto output = std::make_unique<Output>();
    output->chain = this;
    output->layer = layer;
    output->sink = child(line_.get(), options.name + "-sink-" + number);
    if (encodes_) {
      output->scaled = child(line_.get(), options.name + "-scaled-" + number);
      output->valve = child(line_.get(), options.name + "-valve-" + number);
      output->encoder = child(line_.get(), options.name + "-encoder-" + number);
    }
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink*, gpointer data) {
      auto& of = *static_cast<Output*>(data);
      of.chain->take_sample(of);
      return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(output->sink.get()), &callbacks, output.get(), nullptr);
    outputs_.push_back(std::move(output));
  }
  gst_bin_add(parent_.get(), line_.get());
  const auto to = adopt(gst_element_get_static_pad(line_.get(), "sink"));
  if (gst_pad_link(from, to.get()) != GST_PAD_LINK_OK)
    return Error{"caps", "The encoding pipeline does not take this input."};
  gst_element_sync_state_with_parent(line_.get());
  return Done{};
}

void EncodeChain::remove() {
  if (!line_) return;
  gst_element_set_locked_state(line_.get(), TRUE);
  gst_element_set_state(line_.get(), GST_STATE_NULL);
  gst_bin_remove(parent_.get(), line_.get());
  line_ = {};
}

std::optional<SdpFormat> EncodeChain::format() const {
  std::lock_guard hold(mutex_);
  for (auto caps = formats_.rbegin(); caps != formats_.rend(); ++caps)
    if (*caps) return format_in(caps->get());
  return std::nullopt;
}

void EncodeChain::set_bitrates(const std::vector<DataRate>& rates) {
  if (!encodes_) return;
  for (std::size_t layer = 0; layer < outputs_.size() && layer < rates.size(); ++layer) {
    const auto& output = *outputs_[layer];
    DataRate before;
    {
      std::lock_guard hold(mutex_);
      before = std::exchange(rates_[layer], rates[layer]);
    }
    const bool is_open = rates[layer] > DataRate{};
    const bool was_open = before > DataRate{};
    if (is_open && rates[layer] != before) set_encoder_bitrate(output.encoder.get(), rates[layer]);
    if (is_open == was_open) continue;
    g_object_set(output.valve.get(), "drop", gboolean{!is_open}, nullptr);
    if (is_open) request_keyframe(layer);
  }
}

void EncodeChain::request_keyframe(std::size_t layer) {
  if (layer >= outputs_.size()) return;
  const auto pad = adopt(gst_element_get_static_pad(outputs_[layer]->sink.get(), "sink"));
  gst_pad_push_event(pad.get(),
                     gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void EncodeChain::set_input(const GstCaps* caps) {
  GstVideoInfo info;
  if (!encodes_ || !gst_video_info_from_caps(&info, caps)) return;
  const PictureSize input{GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)};
  for (const auto& output : outputs_) {
    const auto size = layer_size(input, output->layer, outputs_.size());
    const auto scaled = adopt(gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, size.width,
                                                  "height", G_TYPE_INT, size.height, nullptr));
    g_object_set(output->scaled.get(), "caps", scaled.get(), nullptr);
  }
}

void EncodeChain::take_sample(Output& output) {
  const auto sample = adopt(gst_app_sink_pull_sample(GST_APP_SINK(output.sink.get())));
  if (!sample) return;
  auto* buffer = gst_sample_get_buffer(sample.get());
  auto* caps = gst_sample_get_caps(sample.get());
  if (!buffer || !caps) return;
  bool is_new = false;
  {
    std::lock_guard hold(mutex_);
    auto& format = formats_[output.layer];
    is_new = !format;
    if (format.get() != caps) format = share(caps);
  }
  if (is_new) callbacks_.on_format();
  const auto* segment = gst_sample_get_segment(sample.get());
  const auto time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  auto packet = adopt(gst_buffer_make_writable(gst_buffer_ref(buffer)));
  GST_BUFFER_PTS(packet.get()) = time;
  GST_BUFFER_DTS(packet.get()) = GST_CLOCK_TIME_NONE;
  callbacks_.on_packet(output.layer, std::move(packet));
}

}  // namespace rooms
