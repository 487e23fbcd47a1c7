// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-simulcastselect
 * @title: simulcastselect
 *
 * The layers of one track in, one continuous RTP stream out. What a recorder, a transcoder or a
 * bridge needs that takes part in simulcast without forwarding it to many: it gives a decoder one
 * stream whose sequence numbers, timestamps and picture ids go on while the layer behind them
 * changes.
 *
 * Each `sink_%u` takes one simulcast layer; VP9 and AV1 streams with layers inside have one pad.
 * Layers are told apart by their picture size, else by their bit rate, whatever the order of the
 * pads. Without limits the highest layer that is received is sent. A switch up waits for a keyframe
 * of the layer, which is asked for upstream (GstForceKeyUnit); a layer that falls silent while
 * others go on is left. `max-spatial`, `max-temporal`, `target-bitrate` and `paused` may change at
 * any time, and `notify::current-layer` tells of each switch.
 *
 * |[
 *  sink_0 ──▶ ┌───────────┐
 *  sink_1 ──▶ │ sfurouter │ ──▶ src
 *  sink_2 ──▶ └───────────┘
 * ]|
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 simulcastselect name=s max-spatial=0 ! rtpvp8depay ! vp8dec ! fakesink
 * videotestsrc is-live=true ! video/x-raw,width=320,height=180 ! vp8enc deadline=1
 * keyframe-max-dist=30 ! rtpvp8pay ! s.sink_0 videotestsrc is-live=true !
 * video/x-raw,width=640,height=360 ! vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay ! s.sink_1
 * ]| The smaller one of two layers, decoded.
 */
#include "elements/simulcastselect.h"

#include "gst/glue/ref.h"

GST_DEBUG_CATEGORY_STATIC(simulcastselect_debug);
#define GST_CAT_DEFAULT simulcastselect_debug

struct _SfuSimulcastSelect {
  GstBin parent;
  GstElement* router;  // owned by the bin
  GstPad* output;      // of the router
};

G_DEFINE_TYPE(SfuSimulcastSelect, sfu_simulcast_select, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(simulcastselect, "simulcastselect", GST_RANK_NONE,
                                      SFU_TYPE_SIMULCAST_SELECT,
                                      GST_DEBUG_CATEGORY_INIT(simulcastselect_debug,
                                                              "simulcastselect", 0,
                                                              "layers of one track to one stream"))

namespace {

using rooms::adopt;

constexpr const char* kTrack = "layers";

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                                                            GST_STATIC_CAPS("application/x-rtp"));

enum Property {
  kMaxSpatial = 1,
  kMaxTemporal,
  kTargetBitrate,
  kPaused,
  kSsrc,
  kCurrentLayer,
  kStats,
  kPropertyCount
};
GParamSpec* specs[kPropertyCount];

/// They are those of the router's pad, of the same names.
void set_property(GObject* object, guint /*id*/, const GValue* value, GParamSpec* spec) {
  g_object_set_property(G_OBJECT(SFU_SIMULCAST_SELECT(object)->output), spec->name, value);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* self = SFU_SIMULCAST_SELECT(object);
  if (id == kStats) {
    g_object_get_property(G_OBJECT(self->router), "stats", value);
  } else {
    g_object_get_property(G_OBJECT(self->output), spec->name, value);
  }
}

GstPad* request_pad(GstElement* element, GstPadTemplate* templ, const char* wished,
                    const GstCaps* /*caps*/) {
  auto* self = SFU_SIMULCAST_SELECT(element);
  const auto layer =
      adopt(gst_element_request_pad_simple(self->router, wished ? wished : "sink_%u"));
  if (!layer) return nullptr;
  g_object_set(layer.get(), "track", kTrack, nullptr);
  const auto name = rooms::own(gst_pad_get_name(layer.get()));
  GstPad* ghost = gst_ghost_pad_new_from_template(name.get(), layer.get(), templ);
  gst_pad_set_active(ghost, TRUE);
  if (gst_element_add_pad(element, ghost)) return ghost;
  gst_element_release_request_pad(self->router, layer.get());
  return nullptr;
}

void release_pad(GstElement* element, GstPad* pad) {
  auto* self = SFU_SIMULCAST_SELECT(element);
  const auto kept = rooms::share(pad);
  const auto layer = adopt(gst_ghost_pad_get_target(GST_GHOST_PAD(pad)));
  gst_pad_set_active(pad, FALSE);
  gst_ghost_pad_set_target(GST_GHOST_PAD(pad), nullptr);
  gst_element_remove_pad(element, pad);
  if (layer) gst_element_release_request_pad(self->router, layer.get());
}

void install_properties(GObjectClass* object) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  specs[kMaxSpatial] = g_param_spec_int(
      "max-spatial", "Highest spatial layer",
      "Index of the highest spatial layer to send, counted from 0: among the sink pads, lowest "
      "resolution first, or else within the one stream. -1: all",
      -1, 7, -1, kSetting);
  specs[kMaxTemporal] = g_param_spec_int(
      "max-temporal", "Highest temporal layer",
      "Index of the highest temporal layer to send, counted from 0; frames above are left out and "
      "numbers closed up. -1: all",
      -1, 7, -1, kSetting);
  specs[kTargetBitrate] = g_param_spec_uint64(
      "target-bitrate", "Target bitrate",
      "Highest bit rate to send, in bit/s; chooses the highest layers whose measured rate fits, or "
      "the lowest if none does. 0: no limit",
      0, G_MAXUINT64, 0, kSetting);
  specs[kPaused] = g_param_spec_boolean(
      "paused", "Paused", "Send nothing; when resumed, the stream begins with a keyframe", FALSE,
      kSetting);
  specs[kSsrc] = g_param_spec_uint("ssrc", "SSRC",
                                   "SSRC of everything sent (RFC 3550), whatever the layer. 0: "
                                   "choose a random one at once",
                                   0, G_MAXUINT, 0, kSetting);
  specs[kCurrentLayer] = g_param_spec_int(
      "current-layer", "Current layer",
      "Index of the spatial layer that flows now; while it pauses or is silent, of what flowed "
      "last. -1: nothing has",
      -1, G_MAXINT, -1, kFact);
  specs[kStats] = g_param_spec_boxed(
      "stats", "Statistics",
      "One structure for each sink pad (packets, bit rate and picture size of the layer) and one, "
      "'src_0', for what is sent",
      GST_TYPE_STRUCTURE, kFact);
  g_object_class_install_properties(object, kPropertyCount, specs);
}

}  // namespace

static void sfu_simulcast_select_init(SfuSimulcastSelect* self) {
  self->router = gst_element_factory_make("sfurouter", nullptr);
  g_return_if_fail(self->router != nullptr);
  gst_bin_add(GST_BIN(self), self->router);
  const auto output = adopt(gst_element_request_pad_simple(self->router, "src_0"));
  self->output = output.get();
  g_object_set(self->output, "track", kTrack, nullptr);
  g_signal_connect_object(self->output, "notify::current-layer",
                          G_CALLBACK(+[](GstPad*, GParamSpec*, GObject* bin) {
                            g_object_notify_by_pspec(bin, specs[kCurrentLayer]);
                          }),
                          self, static_cast<GConnectFlags>(0));
  const auto templ = adopt(gst_static_pad_template_get(&src_template));
  gst_element_add_pad(GST_ELEMENT(self),
                      gst_ghost_pad_new_from_template("src", self->output, templ.get()));
}

static void sfu_simulcast_select_class_init(SfuSimulcastSelectClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  install_properties(object);
  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "Simulcast layer selector", "Network/RTP/Filter",
                                        "Layers of one track in, one continuous RTP stream out",
                                        "gst-rooms");
}
