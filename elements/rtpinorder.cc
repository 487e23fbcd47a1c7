// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-rtpinorder
 * @title: rtpinorder
 *
 * Puts the packets of one RTP stream into the order of their sequence numbers, and does nothing
 * else: a decoder behind a router needs no jitter buffer with its clock and its threads, for the
 * timestamps are good already and whatever follows has its own idea of late. It adds no delay while
 * nothing is missing. Packets behind a hole wait up to `max-wait` for the missing one to be sent
 * again; the hole is given up when a later packet comes after that time. Of lost sound the
 * depayloader is told (`GstRTPPacketLost`), so that the decoder may conceal it.
 *
 * What comes twice, or after it was given up, is dropped and counted.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 audiotestsrc is-live=true ! opusenc ! rtpopuspay ! rtpinorder max-wait=0 !
 * rtpopusdepay ! opusdec plc=true ! fakesink
 * ]| Sound that never waits; what is lost is concealed.
 */
#include "elements/rtpinorder.h"

#include <atomic>
#include <utility>
#include <vector>

#include "gst/core/guarded.h"
#include "gst/core/rtp/packet_order.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/glue/clock.h"
#include "gst/glue/mapped_buffer.h"
#include "gst/glue/ref.h"

GST_DEBUG_CATEGORY_STATIC(rtpinorder_debug);
#define GST_CAT_DEFAULT rtpinorder_debug

namespace rooms {
namespace {

/// A longer hole is silence, not something to conceal.
constexpr std::uint32_t kMostConcealed = 5;

using Order = PacketOrder<Ref<GstBuffer>>;

struct InOrder {
  GstPad* sink = nullptr;  // owned by the element
  GstPad* src = nullptr;
  Guarded<Order> order;
  GstClockTime last_pts = GST_CLOCK_TIME_NONE;  // streaming thread, as is_audio
  bool is_audio = false;
  std::atomic<std::uint64_t> unreadable = 0;
};

}  // namespace
}  // namespace rooms

using rooms::adopt;
using rooms::InOrder;
using rooms::Order;

struct _SfuInOrder {
  GstElement parent;
  InOrder* impl;
};

G_DEFINE_TYPE(SfuInOrder, sfu_in_order, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(rtpinorder, "rtpinorder", GST_RANK_NONE, SFU_TYPE_IN_ORDER,
                                      GST_DEBUG_CATEGORY_INIT(rtpinorder_debug, "rtpinorder", 0,
                                                              "RTP packets in order"))

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                                             GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                                                            GST_STATIC_CAPS("application/x-rtp"));

enum Property { kMaxWait = 1, kStats };

InOrder& in_order(gpointer element) { return *SFU_IN_ORDER(element)->impl; }

/// One event a packet, evenly between the packets around them.
void tell_lost(InOrder& self, std::uint32_t lost, GstClockTime next_pts) {
  if (!self.is_audio || lost > rooms::kMostConcealed) return;
  if (!GST_CLOCK_TIME_IS_VALID(self.last_pts) || !GST_CLOCK_TIME_IS_VALID(next_pts)) return;
  if (next_pts <= self.last_pts) return;
  const GstClockTime each = (next_pts - self.last_pts) / (lost + 1);
  for (std::uint32_t i = 1; i <= lost; ++i) {
    auto* facts =
        gst_structure_new("GstRTPPacketLost", "timestamp", G_TYPE_UINT64, self.last_pts + i * each,
                          "duration", G_TYPE_UINT64, each, nullptr);
    gst_pad_push_event(self.src, gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, facts));
  }
}

GstFlowReturn push(InOrder& self, std::vector<Order::Released>&& released) {
  GstFlowReturn flow = GST_FLOW_OK;
  for (auto& one : released) {
    if (flow != GST_FLOW_OK) break;
    const auto pts = GST_BUFFER_PTS(one.packet.get());
    if (one.lost > 0) {
      GST_DEBUG_OBJECT(self.src, "%u packets lost", one.lost);
      tell_lost(self, one.lost, pts);
    }
    self.last_pts = pts;
    flow = gst_pad_push(self.src, one.packet.release());
  }
  return flow;
}

GstFlowReturn chain(GstPad* /*pad*/, GstObject* parent, GstBuffer* given) {
  auto buffer = adopt(given);
  auto& self = in_order(parent);
  const auto header = [&] {
    const rooms::MappedBuffer mapped(buffer.get());
    return rooms::parse_rtp(mapped.bytes());
  }();
  if (!header) {
    ++self.unreadable;
    return GST_FLOW_OK;
  }
  return push(self, self.order.with([&](Order& order) {
    return order.put(header->sequence, std::move(buffer), rooms::monotonic_now());
  }));
}

void follow_caps(InOrder& self, GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const char* media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
  self.is_audio = g_strcmp0(media, "audio") == 0;
}

gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& self = in_order(parent);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS:
      follow_caps(self, event);
      break;
    case GST_EVENT_EOS:
      (void)push(self, self.order.with([](Order& order) { return order.drain(); }));
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      self.order.with([](Order& order) { order.reset(); });
      self.last_pts = GST_CLOCK_TIME_NONE;
      break;
    default:
      break;
  }
  return gst_pad_event_default(pad, parent, event);
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id != kMaxWait) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  in_order(object).order.with([&](Order& order) {
    auto config = order.config();
    config.patience = rooms::Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
    order.configure(config);
  });
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto& self = in_order(object);
  if (id == kMaxWait) {
    const auto patience = self.order.with([](Order& order) { return order.config().patience; });
    g_value_set_uint64(value, static_cast<guint64>(patience.count()));
  } else if (id == kStats) {
    const auto counters = self.order.with([](Order& order) { return order.counters(); });
    const auto held = self.order.with([](Order& order) { return order.held(); });
    g_value_take_boxed(
        value,
        gst_structure_new("application/x-sfu-in-order-stats", "packets", G_TYPE_UINT64,
                          counters.packets, "lost", G_TYPE_UINT64, counters.lost, "late",
                          G_TYPE_UINT64, counters.late, "unreadable", G_TYPE_UINT64,
                          self.unreadable.load(), "held", G_TYPE_UINT64, guint64{held}, nullptr));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  const auto result =
      GST_ELEMENT_CLASS(sfu_in_order_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    in_order(element).order.with([](Order& order) { order.reset(); });
  return result;
}

GstPad* add_pad(SfuInOrder* self, GstStaticPadTemplate* templ, const char* name) {
  auto* pad = gst_pad_new_from_static_template(templ, name);
  GST_PAD_SET_PROXY_CAPS(pad);
  gst_element_add_pad(GST_ELEMENT(self), pad);
  return pad;
}

}  // namespace

static void sfu_in_order_init(SfuInOrder* self) {
  self->impl = new InOrder;
  self->impl->sink = add_pad(self, &sink_template, "sink");
  self->impl->src = add_pad(self, &src_template, "src");
  gst_pad_set_chain_function(self->impl->sink, chain);
  gst_pad_set_event_function(self->impl->sink, sink_event);
}

static void sfu_in_order_class_init(SfuInOrderClass* klass) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = [](GObject* self) {
    delete SFU_IN_ORDER(self)->impl;
    G_OBJECT_CLASS(sfu_in_order_parent_class)->finalize(self);
  };
  const Order::Config defaults;
  g_object_class_install_property(
      object, kMaxWait,
      g_param_spec_uint64("max-wait", "Longest wait",
                          "How long packets are held back behind a missing one, in nanoseconds; at "
                          "most 512 packets",
                          0, 10 * GST_SECOND, static_cast<guint64>(defaults.patience.count()),
                          kSetting));
  g_object_class_install_property(
      object, kStats,
      g_param_spec_boxed("stats", "Statistics",
                         "Packets passed on, lost (given up), late (dropped: came twice or after "
                         "they were given up), unreadable (no RTP: dropped), held back now",
                         GST_TYPE_STRUCTURE, kFact));
  auto* element = GST_ELEMENT_CLASS(klass);
  element->change_state = change_state;
  gst_element_class_add_static_pad_template(element, &sink_template);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(element, "RTP packets in order", "Network/RTP/Filter",
                                        "Puts RTP packets in order and waits for missing ones, "
                                        "without a clock",
                                        "gst-rooms");
}
