// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/sfurouter_pads.h"

#include "elements/router_input.h"
#include "elements/router_output.h"
#include "elements/sfurouter.h"
#include "elements/sfurouter_impl.h"

using rooms::input_of;
using rooms::output_of;
using rooms::RouterInput;
using rooms::RouterOutput;

struct _SfuRouterSink {
  GstPad parent;
  RouterInput* input;
};
struct _SfuRouterSrc {
  GstPad parent;
  RouterOutput* output;
};
G_DEFINE_TYPE(SfuRouterSink, sfu_router_sink, GST_TYPE_PAD)
G_DEFINE_TYPE(SfuRouterSrc, sfu_router_src, GST_TYPE_PAD)

namespace {

enum SinkProperty { kSinkTrack = 1, kSinkRid, kSinkStats };
enum SrcProperty {
  kSrcTrack = 1,
  kSrcPaused,
  kSrcSsrc,
  kSrcMaxSpatial,
  kSrcMaxTemporal,
  kSrcTargetBitrate,
  kSrcCurrentLayer,
  kSrcStats,
};
GParamSpec* current_layer_spec = nullptr;

constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING);
constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

std::string string_of(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

/// The router of a pad that has been added to one.
template <class F>
void with_router(gpointer pad, F&& call) {
  const auto parent = rooms::adopt(gst_pad_get_parent_element(GST_PAD_CAST(pad)));
  if (parent) call(rooms::router_of(SFU_ROUTER(parent.get())));
}

void set_sink_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  RouterInput& input = input_of(SFU_ROUTER_SINK(object));
  auto settings = input.settings();
  switch (id) {
    case kSinkTrack:
      settings.track = string_of(value);
      break;
    case kSinkRid:
      settings.rid = string_of(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  input.set_settings(std::move(settings));
  with_router(object, [](rooms::Router& router) { router.reroute(); });
}

void get_sink_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const RouterInput& input = input_of(SFU_ROUTER_SINK(object));
  switch (id) {
    case kSinkTrack:
      g_value_set_string(value, input.settings().track.c_str());
      break;
    case kSinkRid:
      g_value_set_string(value, input.settings().rid.c_str());
      break;
    case kSinkStats:
      g_value_take_boxed(value, input.stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void set_src_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  RouterOutput& output = output_of(SFU_ROUTER_SRC(object));
  auto settings = output.settings();
  switch (id) {
    case kSrcTrack:
      settings.track = string_of(value);
      break;
    case kSrcPaused:
      settings.paused = g_value_get_boolean(value) != FALSE;
      break;
    case kSrcSsrc:
      settings.ssrc = g_value_get_uint(value);
      while (settings.ssrc == 0) settings.ssrc = g_random_int();
      break;
    case kSrcMaxSpatial:
      settings.limits.max_spatial = g_value_get_int(value);
      break;
    case kSrcMaxTemporal:
      settings.limits.max_temporal = g_value_get_int(value);
      break;
    case kSrcTargetBitrate:
      settings.limits.target_bitrate = g_value_get_uint64(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  const bool begins = output.set_settings(settings);
  with_router(object, [&](rooms::Router& router) {
    router.reroute(SFU_ROUTER_SRC(object));
    if (begins) router.resume(SFU_ROUTER_SRC(object));
  });
}

void get_src_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const RouterOutput& output = output_of(SFU_ROUTER_SRC(object));
  switch (id) {
    case kSrcTrack:
      g_value_set_string(value, output.settings().track.c_str());
      break;
    case kSrcPaused:
      g_value_set_boolean(value, output.settings().paused);
      break;
    case kSrcSsrc:
      g_value_set_uint(value, output.settings().ssrc);
      break;
    case kSrcMaxSpatial:
      g_value_set_int(value, output.settings().limits.max_spatial);
      break;
    case kSrcMaxTemporal:
      g_value_set_int(value, output.settings().limits.max_temporal);
      break;
    case kSrcTargetBitrate:
      g_value_set_uint64(value, output.settings().limits.target_bitrate);
      break;
    case kSrcCurrentLayer:
      g_value_set_int(value, output.shown().layer);
      break;
    case kSrcStats:
      g_value_take_boxed(value, output.stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

}  // namespace

namespace rooms {

RouterInput& input_of(SfuRouterSink* pad) { return *pad->input; }
RouterOutput& output_of(SfuRouterSrc* pad) { return *pad->output; }
void notify_current_layer(SfuRouterSrc* pad) {
  g_object_notify_by_pspec(G_OBJECT(pad), current_layer_spec);
}

}  // namespace rooms

static void sfu_router_sink_class_init(SfuRouterSinkClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_sink_property;
  object->get_property = get_sink_property;
  object->finalize = [](GObject* self) {
    delete SFU_ROUTER_SINK(self)->input;
    G_OBJECT_CLASS(sfu_router_sink_parent_class)->finalize(self);
  };
  g_object_class_install_property(
      object, kSinkTrack,
      g_param_spec_string(
          "track", "Track",
          "Name of the track this encoding belongs to; sink pads of the same track are its "
          "simulcast layers. Empty: the pad's name",
          "", kSetting));
  g_object_class_install_property(
      object, kSinkRid,
      g_param_spec_string(
          "rid", "RID",
          "Restriction identifier of this layer (RFC 8851), as a name in the statistics", "",
          kSetting));
  g_object_class_install_property(
      object, kSinkStats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "Packets, bytes, malformed packets and keyframes received; keyframe requests received "
          "from outputs and sent upstream; bit rate, frame rate and picture size; 'layers': bit "
          "rate up to each spatial and temporal layer of the stream, in bit/s",
          GST_TYPE_STRUCTURE, kFact));
}

static void sfu_router_sink_init(SfuRouterSink* self) {
  self->input = new RouterInput(GST_PAD_CAST(self));
}

static void sfu_router_src_class_init(SfuRouterSrcClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_src_property;
  object->get_property = get_src_property;
  object->finalize = [](GObject* self) {
    delete SFU_ROUTER_SRC(self)->output;
    G_OBJECT_CLASS(sfu_router_src_parent_class)->finalize(self);
  };
  const auto install = [object](SrcProperty id, GParamSpec* spec) {
    g_object_class_install_property(object, id, spec);
  };
  install(
      kSrcTrack,
      g_param_spec_string(
          "track", "Track",
          "Name of the track to send. A video track takes over with its next keyframe, until "
          "then the old one flows; an unknown name sends nothing. Empty: the first track there is",
          "", kSetting));
  install(kSrcPaused,
          g_param_spec_boolean("paused", "Paused",
                               "Send nothing; when resumed, video begins with a keyframe of the "
                               "track that is set then",
                               FALSE, kSetting));
  install(kSrcSsrc, g_param_spec_uint(
                        "ssrc", "SSRC",
                        "SSRC of everything sent here (RFC 3550), whatever the source. 0: choose a "
                        "random one at once",
                        0, G_MAXUINT, 0, kSetting));
  install(kSrcMaxSpatial,
          g_param_spec_int("max-spatial", "Highest spatial layer",
                           "Index of the highest spatial layer to send, counted from 0: among the "
                           "simulcast layers of the track, lowest resolution first, or else within "
                           "its VP9 or AV1 stream. If none up to it is received, the lowest one "
                           "that is. -1: all",
                           -1, 7, -1, kSetting));
  install(
      kSrcMaxTemporal,
      g_param_spec_int(
          "max-temporal", "Highest temporal layer",
          "Index of the highest temporal layer to send, counted from 0; frames above are left out "
          "and numbers closed up. -1: all",
          -1, 7, -1, kSetting));
  install(kSrcTargetBitrate,
          g_param_spec_uint64("target-bitrate", "Target bitrate",
                              "Highest bit rate to send, in bit/s; chooses the highest layers of "
                              "the track whose measured rate fits, or the lowest if none does. "
                              "0: no limit",
                              0, G_MAXUINT64, 0, kSetting));
  current_layer_spec = g_param_spec_int(
      "current-layer", "Current layer",
      "Index of the spatial layer that flows now: among the simulcast layers of its track, lowest "
      "first, or else within its stream; while it pauses or is silent, of what flowed last. -1: "
      "nothing has",
      -1, G_MAXINT, -1, kFact);
  install(kSrcCurrentLayer, current_layer_spec);
  install(kSrcStats,
          g_param_spec_boxed(
              "stats", "Statistics",
              "Layers that flow ('layer', 'temporal-layer') and those it is about to get "
              "('target-layer', 'target-temporal-layer'), -1: none; packets and bytes sent, "
              "switches of "
              "source, packets left out by reason, state of the queue to the consumer and its last "
              "flow "
              "return",
              GST_TYPE_STRUCTURE, kFact));
}

static void sfu_router_src_init(SfuRouterSrc* self) {
  self->output = new RouterOutput(GST_PAD_CAST(self));
}
