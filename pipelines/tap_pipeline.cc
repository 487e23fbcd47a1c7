// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/tap_pipeline.h"

#include <gst/app/app.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "pipelines/frame_caps.h"

namespace rooms {
namespace {

constexpr Duration kPumpInterval = std::chrono::milliseconds(10);
constexpr GstClockTime kDrainPatience = 2 * GST_SECOND;
/// Two seconds of sound or pictures; what comes then is left out.
constexpr const char* kQueue =
    "queue max-size-time=2000000000 max-size-bytes=0 max-size-buffers=0 leaky=downstream";

bool exists(const char* factory) {
  return static_cast<bool>(adopt(gst_element_factory_find(factory)));
}

std::optional<std::string> raw_pictures(Codec codec) {
  switch (codec) {
    case Codec::kH264:
      return exists("avdec_h264") ? "h264parse ! avdec_h264 max-threads=1"
                                  : "h264parse ! openh264dec";
    case Codec::kVp8:
      return "vp8dec threads=1";
    case Codec::kVp9:
      return "vp9dec threads=1";
    case Codec::kAv1:
      if (exists("dav1ddec")) return "av1parse ! dav1ddec";
      if (exists("av1dec")) return "av1parse ! av1dec";
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> raw_sound(Codec codec) {
  switch (codec) {
    case Codec::kOpus:
    case Codec::kRed:
      return "opusdec plc=true";
    case Codec::kPcmu:
      return "mulawdec";
    case Codec::kPcma:
      return "alawdec";
    default:
      return std::nullopt;
  }
}

/// From the frames to what the description is given. nullopt: nothing here decodes them.
std::optional<std::string> entry_line(Codec codec, bool raw) {
  const auto begin = "appsrc name=" + std::string(TapDescription::kFrames) + " ! " + kQueue;
  if (const auto pictures = raw ? raw_pictures(codec) : std::nullopt)
    return begin + " ! " + *pictures + " ! videoconvert ! capsfilter caps=video/x-raw,format=I420";
  if (const auto sound = raw ? raw_sound(codec) : std::nullopt)
    return begin + " ! " + *sound +
           " ! audioconvert ! audioresample ! capsfilter "
           "caps=audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";
  // Size and record are told by the first keyframe; here it is whether they fit at all.
  const auto caps = raw ? nullptr : frame_caps(setup_of_sound(codec));
  if (!caps) return std::nullopt;
  auto* fields = gst_caps_get_structure(caps.get(), 0);
  if (profile_of(codec)->kind == MediaKind::kVideo)
    gst_structure_remove_fields(fields, "width", "height", "codec_data", nullptr);
  return begin + " ! capsfilter caps=\"" + own(gst_caps_to_string(caps.get())).get() + '"';
}

/// Factories of which the type can be looked at without making one.
Ref<GstElementFactory> loaded_factory(const std::string& name) {
  const auto found = adopt(gst_element_factory_find(name.c_str()));
  if (!found) return nullptr;
  auto* loaded = gst_plugin_feature_load(GST_PLUGIN_FEATURE(found.get()));
  return adopt(loaded ? GST_ELEMENT_FACTORY(loaded) : nullptr);
}

Status check_property(GObjectClass* klass, const TapElement& element, const std::string& name) {
  const auto* spec = g_object_class_find_property(klass, name.c_str());
  if (!spec)
    return Error{"tap-property", "The element '" + element.factory + "' has no property '" +
                                     name.substr(0, 64) + "'."};
  // A value of these is a description of its own, or code by another name.
  if (g_type_is_a(spec->value_type, G_TYPE_OBJECT) || g_type_is_a(spec->value_type, G_TYPE_POINTER))
    return Error{"tap-property", "The property '" + name.substr(0, 64) + "' of '" +
                                     element.factory + "' is an object; a tap cannot set it."};
  return Done{};
}

/// Its links are made when its pads come.
bool links_later(const TapElement& element) {
  const auto factory = loaded_factory(element.factory);
  for (const auto* at = gst_element_factory_get_static_pad_templates(factory.get()); at;
       at = at->next) {
    const auto* pad = static_cast<const GstStaticPadTemplate*>(at->data);
    if (pad->direction == GST_PAD_SRC && pad->presence == GST_PAD_SOMETIMES) return true;
  }
  return false;
}

Status check_ends(GstBin* bin, const TapDescription& description) {
  const auto& elements = description.elements;
  if (std::any_of(elements.begin(), elements.end(), links_later)) return Done{};
  for (const auto direction : {GST_PAD_SRC, GST_PAD_SINK}) {
    const auto pad = adopt(gst_bin_find_unlinked_pad(bin, direction));
    if (!pad) continue;
    const auto owner = adopt(gst_pad_get_parent_element(pad.get()));
    return Error{"tap-unlinked",
                 "The pad '" + std::string(GST_PAD_NAME(pad.get())) + "' of '" +
                     GST_OBJECT_NAME(owner.get()) +
                     "' is linked to nothing. The frames go into the first element; "
                     "every branch ends in a sink."};
  }
  return Done{};
}

}  // namespace

Status check_tap_factories(const TapDescription& description) {
  for (const auto& element : description.elements) {
    const auto factory = loaded_factory(element.factory);
    if (!factory)
      return Error{"tap-element",
                   "GStreamer has no element '" + element.factory.substr(0, 64) + "' here."};
    auto* klass = static_cast<GObjectClass*>(
        g_type_class_ref(gst_element_factory_get_element_type(factory.get())));
    Status checked = Done{};
    for (const auto& [name, value] : element.properties)
      if (checked) checked = check_property(klass, element, name);
    g_type_class_unref(klass);
    if (!checked) return checked;
  }
  return Done{};
}

TapPipeline::TapPipeline(Settings settings,
                         std::function<void(bool failed, const std::string& why)> ended)
    : settings_(std::move(settings)),
      ended_(std::move(ended)),
      executor_(std::make_unique<Executor>("tap")) {}

TapPipeline::~TapPipeline() {
  executor_->post([this] { shut(); });
  executor_->end();
}

TapPipeline::Counters TapPipeline::counters() const {
  return counters_.with([](const Counters& counters) { return counters; });
}

void TapPipeline::open(std::function<void(Status)> opened) {
  executor_->post([this, opened = std::move(opened)] {
    auto built = build();
    if (!built) shut();
    opened(std::move(built));
  });
}

Status TapPipeline::build() {
  const auto entry = entry_line(settings_.codec, settings_.raw);
  if (!entry)
    return Error{"codec-unsupported",
                 "Nothing here makes something of " + std::string(name_of(settings_.codec)) + "."};
  if (auto checked = check_tap_factories(settings_.description); !checked) return checked;
  GError* problem = nullptr;
  pipeline_ = sink(gst_parse_launch_full((*entry + " !" + settings_.description.line).c_str(),
                                         nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &problem));
  const auto error = own(problem);
  if (!pipeline_ || error) {
    const bool linking = g_error_matches(error.get(), GST_PARSE_ERROR, GST_PARSE_ERROR_LINK);
    return Error{linking ? "tap-unlinked" : "tap-syntax",
                 error ? error->message : "GStreamer does not understand it."};
  }
  if (auto ends = check_ends(GST_BIN(pipeline_.get()), settings_.description); !ends) return ends;
  appsrc_ = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), TapDescription::kFrames));
  const auto clock = adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
  return Done{};
}

void TapPipeline::begin(TapFrames frames) {
  executor_->post([this, frames = std::move(frames)]() mutable {
    if (!pipeline_) return;
    feed_ = std::make_unique<FrameFeed>(appsrc_, std::move(frames));
    const auto started = gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    timer_ = executor_->call_every(kPumpInterval, [this] { pump(); });
    watch_bus();
    if (started != GST_STATE_CHANGE_FAILURE || !timer_.pending()) return;
    timer_.cancel();
    ended_(true, "It does not start, and does not say why.");
  });
}

void TapPipeline::pump() {
  feed_->pump();
  counters_.with([&](Counters& counters) { counters = {feed_->passed(), feed_->dropped()}; });
  watch_bus();
}

void TapPipeline::watch_bus() {
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  while (const auto message = adopt(gst_bus_pop(bus.get()))) {
    const auto type = GST_MESSAGE_TYPE(message.get());
    if (type != GST_MESSAGE_ERROR && type != GST_MESSAGE_EOS) continue;
    timer_.cancel();
    if (type == GST_MESSAGE_EOS) return ended_(false, "It has ended by itself.");
    GError* raw = nullptr;
    gst_message_parse_error(message.get(), &raw, nullptr);
    const auto error = own(raw);
    return ended_(
        true, std::string(GST_OBJECT_NAME(GST_MESSAGE_SRC(message.get()))) + ": " + error->message);
  }
}

void TapPipeline::stop(std::function<void()> done) {
  executor_->post([this, done = std::move(done)] {
    if (pipeline_ && feed_ && timer_.pending()) {
      feed_->pump();
      timer_.cancel();
      gst_app_src_end_of_stream(GST_APP_SRC(appsrc_.get()));
      const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
      const auto last = adopt(gst_bus_timed_pop_filtered(
          bus.get(), kDrainPatience,
          static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    }
    shut();
    done();
  });
}

void TapPipeline::shut() {
  timer_.cancel();
  feed_.reset();
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  pipeline_ = nullptr;
  appsrc_ = nullptr;
}

}  // namespace rooms
