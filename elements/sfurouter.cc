// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-sfurouter
 * @title: sfurouter
 *
 * Forwards RTP streams to any number of receivers without touching their payload: the heart of a
 * selective forwarding unit (RFC 7667 3.7).
 *
 * Every sink pad takes one encoding; sink pads with the same `track` are layers of one track. Every
 * src pad is one outgoing stream that keeps its SSRC, with continuous sequence numbers, timestamps
 * and VP8 picture ids, while its source changes: set `track` of a src pad, at any time, and the new
 * track takes over with its next keyframe. Keyframe requests of all receivers are merged, at most
 * one every `keyframe-interval` goes upstream. A receiver that blocks, is slow or fails loses its
 * own packets and harms nobody else.
 *
 * Of a track with several layers an output sends the highest that is received and that its
 * `max-spatial`, `max-temporal` and `target-bitrate` allow: sink pads of the same `track` are its
 * simulcast layers, and VP9 and AV1 streams may have spatial layers, VP8, VP9, H.264 and AV1
 * streams temporal layers inside (told by the dependency descriptor header extension, if the caps
 * name its id as `extmap-N`, or by the payload). Up goes it where the receiver can follow, with a
 * keyframe of the layer if need be; down at once, or when the layer falls silent while others go
 * on (retransmissions are no sign of life), or has fewer than a third of the pictures of the lowest
 * one for a second, where it had as many before. Timestamps of simulcast layers are aligned by the
 * buffers' PTS.
 *
 * Numbers of pads are free to choose (`sink_7`, `src_0`). `stats` of the element holds those of all
 * pads.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay !
 * sfurouter name=r r.src_0 ! udpsink host=127.0.0.1 port=5004 sync=false r.src_1 ! udpsink
 * host=127.0.0.1 port=5006 sync=false
 * ]| One camera to two receivers.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 sfurouter name=r sink_0::track=alice sink_1::track=bob src_0::track=bob
 * src_1::track=alice audiotestsrc is-live=true ! opusenc ! rtpopuspay ! r.sink_0 audiotestsrc
 * is-live=true wave=ticks ! opusenc ! rtpopuspay ! r.sink_1 r.src_0 ! udpsink host=127.0.0.1
 * port=5004 sync=false r.src_1 ! udpsink host=127.0.0.1 port=5006 sync=false
 * ]| Two speakers who hear each other.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 udpsrc address=127.0.0.1 port=5008
 *     caps="application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96" !
 * sfurouter name=r r.src_0 ! rtpvp8depay ! vp8dec ! fakesink r.src_1 ! udpsink host=127.0.0.1
 * port=5006 sync=false
 * ]| A stream from the network, decoded here and passed on.
 */
#include "elements/sfurouter.h"

#include <string>

#include "elements/numbered_pads.h"
#include "elements/sfurouter_debug.h"
#include "elements/sfurouter_impl.h"
#include "elements/sfurouter_pads.h"
#include "gst/glue/track_layers_structure.h"
#include "gst/transport/send_batch.h"

GST_DEBUG_CATEGORY(sfurouter_debug);

using rooms::adopt;
using rooms::Duration;
using rooms::Ref;
using rooms::Router;

struct _SfuRouter {
  GstElement parent;
  Router* impl;
};

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src_%u", GST_PAD_SRC, GST_PAD_REQUEST,
                                                            GST_STATIC_CAPS("application/x-rtp"));

enum Property { kKeyframeInterval = 1, kQueueMaxPackets, kQueueMaxTime, kStats };

// Pad functions, in the order a packet meets them.

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  const auto owned = adopt(buffer);
  const rooms::SendRound round;
  SFU_ROUTER(parent)->impl->on_packet(SFU_ROUTER_SINK(pad), buffer);
  return GST_FLOW_OK;  // what becomes of it further down is no matter of the source
}

GstFlowReturn chain_list(GstPad* pad, GstObject* parent, GstBufferList* list) {
  const auto owned = adopt(list);
  const rooms::SendRound round;
  SFU_ROUTER(parent)->impl->on_packets(SFU_ROUTER_SINK(pad), list);
  return GST_FLOW_OK;
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  const auto owned = adopt(event);
  SFU_ROUTER(parent)->impl->on_event(SFU_ROUTER_SINK(pad), event);
  return TRUE;
}

gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  const bool about_caps =
      GST_QUERY_TYPE(query) == GST_QUERY_CAPS || GST_QUERY_TYPE(query) == GST_QUERY_ACCEPT_CAPS;
  return about_caps && gst_pad_query_default(pad, parent, query);
}

gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  return SFU_ROUTER(parent)->impl->on_upstream_event(SFU_ROUTER_SRC(pad), adopt(event));
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
      return SFU_ROUTER(parent)->impl->answer_latency(query);
    case GST_QUERY_CAPS:
    case GST_QUERY_ACCEPT_CAPS:
      return gst_pad_query_default(pad, parent, query);
    default:
      return FALSE;
  }
}

GstPadLinkReturn src_link(GstPad* pad, GstObject* /*parent*/, GstPad* /*peer*/) {
  rooms::output_of(SFU_ROUTER_SRC(pad)).ask_consumer();
  return GST_PAD_LINK_OK;
}

void src_unlink(GstPad* pad, GstObject* /*parent*/) {
  rooms::output_of(SFU_ROUTER_SRC(pad)).unlinked();
}

gboolean src_activate(GstPad* pad, GstObject* /*parent*/, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  rooms::output_of(SFU_ROUTER_SRC(pad)).activate(active != FALSE);
  return TRUE;
}

// Pads come and go.

SfuRouterSink* make_sink(GstPadTemplate* templ, const char* name, unsigned index) {
  auto* made = SFU_ROUTER_SINK(g_object_new(SFU_TYPE_ROUTER_SINK, "name", name, "direction",
                                            GST_PAD_SINK, "template", templ, nullptr));
  GstPad* pad = GST_PAD_CAST(made);
  rooms::input_of(made).set_index(index);
  gst_pad_set_chain_function(pad, chain);
  gst_pad_set_chain_list_function(pad, chain_list);
  gst_pad_set_event_function(pad, sink_event);
  gst_pad_set_query_function(pad, sink_query);
  return made;
}

SfuRouterSrc* make_src(GstPadTemplate* templ, const char* name, unsigned index) {
  auto* made = SFU_ROUTER_SRC(g_object_new(SFU_TYPE_ROUTER_SRC, "name", name, "direction",
                                           GST_PAD_SRC, "template", templ, nullptr));
  GstPad* pad = GST_PAD_CAST(made);
  rooms::output_of(made).set_index(index);
  gst_pad_set_event_function(pad, src_event);
  gst_pad_set_query_function(pad, src_query);
  gst_pad_set_link_function(pad, src_link);
  gst_pad_set_unlink_function(pad, src_unlink);
  gst_pad_set_activatemode_function(pad, src_activate);
  return made;
}

GstPad* request_pad(GstElement* element, GstPadTemplate* templ, const char* wished,
                    const GstCaps* /*caps*/) {
  const bool is_sink = GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SINK;
  const char* prefix = is_sink ? "sink_" : "src_";
  const auto index = rooms::pad_index(element, prefix, wished);
  if (!index) {
    GST_WARNING_OBJECT(element, "there can be no other pad %s", wished);
    return nullptr;
  }
  const std::string name = prefix + std::to_string(*index);
  Router& router = *SFU_ROUTER(element)->impl;
  GstPad* pad = is_sink ? GST_PAD_CAST(make_sink(templ, name.c_str(), *index))
                        : GST_PAD_CAST(make_src(templ, name.c_str(), *index));
  const auto kept = rooms::share(pad);
  gst_pad_set_active(pad, TRUE);
  if (!gst_element_add_pad(element, pad)) return nullptr;
  if (is_sink) {
    router.add(rooms::share(SFU_ROUTER_SINK(pad)));
  } else {
    router.add(rooms::share(SFU_ROUTER_SRC(pad)));
  }
  gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), name.c_str());
  return pad;
}

void release_pad(GstElement* element, GstPad* pad) {
  const auto kept = rooms::share(pad);
  Router& router = *SFU_ROUTER(element)->impl;
  if (SFU_IS_ROUTER_SINK(pad)) {
    router.remove(SFU_ROUTER_SINK(pad));
  } else {
    router.remove(SFU_ROUTER_SRC(pad));
  }
  const auto name = rooms::own(gst_pad_get_name(pad));
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), name.get());
  gst_pad_set_active(pad, FALSE);  // waits for its threads
  gst_element_remove_pad(element, pad);
}

// Properties. Those of pads are reached as children: "src_0::track".

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  Router& router = *SFU_ROUTER(object)->impl;
  auto settings = router.settings();
  switch (id) {
    case kKeyframeInterval:
      settings.keyframe_interval = Duration{static_cast<std::int64_t>(g_value_get_uint64(value))};
      break;
    case kQueueMaxPackets:
      settings.queue.packets = g_value_get_uint(value);
      break;
    case kQueueMaxTime:
      settings.queue.time = Duration{static_cast<std::int64_t>(g_value_get_uint64(value))};
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  router.set_settings(settings);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  const Router& router = *SFU_ROUTER(object)->impl;
  const auto settings = router.settings();
  switch (id) {
    case kKeyframeInterval:
      g_value_set_uint64(value, static_cast<guint64>(settings.keyframe_interval.count()));
      break;
    case kQueueMaxPackets:
      g_value_set_uint(value, settings.queue.packets);
      break;
    case kQueueMaxTime:
      g_value_set_uint64(value, static_cast<guint64>(settings.queue.time.count()));
      break;
    case kStats:
      g_value_take_boxed(value, router.stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void install_properties(GObjectClass* object) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const Router::Settings defaults;
  g_object_class_install_property(
      object, kKeyframeInterval,
      g_param_spec_uint64(
          "keyframe-interval", "Keyframe interval",
          "Least time between two keyframe requests to one sink pad's source, in nanoseconds; "
          "requests in between are merged into one that is sent later",
          0, G_MAXINT64, defaults.keyframe_interval.count(), kSetting));
  g_object_class_install_property(
      object, kQueueMaxPackets,
      g_param_spec_uint(
          "queue-max-packets", "Packets queued",
          "Most packets that wait for the consumer of one src pad; the ones that come after are "
          "left out. Not for consumers that take packets directly (sfusend)",
          1, G_MAXUINT, defaults.queue.packets, kSetting));
  g_object_class_install_property(
      object, kQueueMaxTime,
      g_param_spec_uint64(
          "queue-max-time", "Time queued",
          "Longest time that a packet may wait for the consumer of one src pad before others are "
          "left out, in nanoseconds",
          1, G_MAXINT64, defaults.queue.time.count(), kSetting));
  g_object_class_install_property(
      object, kStats,
      g_param_spec_boxed(
          "stats", "Statistics",
          "One structure of statistics for each pad, named like the pad; counts are in packets, "
          "bytes and events since the pad was made",
          GST_TYPE_STRUCTURE, kFact));
}

GstStructure* track_layers(SfuRouter* self, const char* track) {
  return rooms::to_structure(self->impl->layers_of(track ? track : "")).release();
}

}  // namespace

namespace rooms {
Router& router_of(SfuRouter* element) { return *element->impl; }
}  // namespace rooms

G_DEFINE_TYPE_WITH_CODE(SfuRouter, sfu_router, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, rooms::pads_as_children))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(sfurouter, "sfurouter", GST_RANK_NONE, SFU_TYPE_ROUTER,
                                      GST_DEBUG_CATEGORY_INIT(sfurouter_debug, "sfurouter", 0,
                                                              "forwards RTP to many receivers"))

static void sfu_router_class_init(SfuRouterClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->dispose = [](GObject* self) {
    SFU_ROUTER(self)->impl->clear();  // pads hold each other through the routes
    G_OBJECT_CLASS(sfu_router_parent_class)->dispose(self);
  };
  object->finalize = [](GObject* self) {
    delete SFU_ROUTER(self)->impl;
    G_OBJECT_CLASS(sfu_router_parent_class)->finalize(self);
  };
  install_properties(object);
  /**
   * SfuRouter::track-layers:
   * @track: name of the track; empty: the first there is
   *
   * The layers of a track, in the numbers that `max-spatial` and `max-temporal` of the src pads
   * count in, lowest first.
   *
   * Returns: (transfer full): `application/x-sfu-track-layers, layers=(structure)< layer, .. >`;
   * each `layer` has `rid` (string), `spatial`, `temporal`, `width`, `height` (uint; size 0: not
   * known), `bitrate` (uint64, bit/s up to this layer; 0: not measured yet) and `active` (boolean:
   * packets come)
   */
  g_signal_new_class_handler("track-layers", SFU_TYPE_ROUTER,
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(track_layers), nullptr, nullptr, nullptr,
                             GST_TYPE_STRUCTURE, 1, G_TYPE_STRING);

  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  gst_element_class_add_static_pad_template_with_gtype(element, &sink_template,
                                                       SFU_TYPE_ROUTER_SINK);
  gst_element_class_add_static_pad_template_with_gtype(element, &src_template, SFU_TYPE_ROUTER_SRC);
  gst_element_class_set_static_metadata(element, "RTP router", "Network/RTP",
                                        "Forwards RTP streams to many receivers; each output keeps "
                                        "its numbering while its source changes",
                                        "gst-rooms");
}

static void sfu_router_init(SfuRouter* self) { self->impl = new Router(GST_ELEMENT_CAST(self)); }
