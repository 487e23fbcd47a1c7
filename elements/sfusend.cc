// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-sfusend
 *
 * The RTP endpoint of a connection on which a peer is sent to. One `sink_%u` pad is one slot: an
 * SSRC that stays, into which a router may put any track. The element writes each packet's header
 * in the peer's numbers (payload type, header extension ids, MID, transport-wide sequence number,
 * send time) straight into memory that the kernel sends from, encrypts the shared payload next to
 * it, keeps what it sent for retransmission (RFC 4588) and reports (RFC 3550). Pushing never
 * blocks: a peer that is not there yet, or cannot take more, loses packets, and nobody waits for
 * it. So `sfurouter` pushes its incoming buffers here as they are, without one of their own per
 * subscriber.
 *
 * webrtcbin does DTLS and SCTP, this element RTP. What the peer negotiated is told by the `slot`
 * property of each pad. Without `transport` plain RTP leaves through `src`.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=90 is-live=true ! vp8enc deadline=1 ! rtpvp8pay pt=96 !
 * sfusend
 * sink_0::slot="application/x-sfu-slot,kind=(string)video,ssrc=(uint)7,payloads=(string)\"120:96\""
 * ! "application/x-rtp,media=video,encoding-name=VP8,payload=120,clock-rate=90000" ! rtpvp8depay !
 * fakesink
 * ]|
 */
#include "elements/sfusend.h"

#include "elements/sender.h"
#include "gst/glue/rtp_patch_query.h"
#include "gst/transport/media_structure.h"
#include "gst/transport/transport_type.h"

GST_DEBUG_CATEGORY_STATIC(sfu_send_debug);
#define GST_CAT_DEFAULT sfu_send_debug

using rooms::Sender;

// --- pad

struct _SfuSendPad {
  GstPad parent;
  std::shared_ptr<Sender>* sender;
  Sender::SlotId slot;
  std::atomic<const rooms::RtpForward*>* forward;
};

enum { PAD_PROP_SLOT = 1, PAD_PROP_STATS };

G_DEFINE_TYPE(SfuSendPad, sfu_send_pad, GST_TYPE_PAD)

static GstFlowReturn sfu_send_pad_chain(GstPad* pad, GstObject* /*parent*/, GstBuffer* buffer) {
  auto* self = SFU_SEND_PAD(pad);
  return (*self->sender)
      ->on_packet(self->slot, self->forward->load(std::memory_order_acquire), rooms::adopt(buffer));
}

static GstFlowReturn sfu_send_pad_chain_list(GstPad* pad, GstObject* /*parent*/,
                                             GstBufferList* list) {
  auto* self = SFU_SEND_PAD(pad);
  return (*self->sender)
      ->on_packets(self->slot, self->forward->load(std::memory_order_acquire), rooms::adopt(list));
}

static gboolean sfu_send_pad_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  const auto& sender = *SFU_SEND_PAD(pad)->sender;
  const rooms::RtpForwardTaker self{sender ? sender->affinity() : 0};
  if (const auto* forward = rooms::take_rtp_forward(pad, query, self)) {
    SFU_SEND_PAD(pad)->forward->store(forward, std::memory_order_release);
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

static void sfu_send_pad_unlink(GstPad* pad, GstObject* /*parent*/) {
  SFU_SEND_PAD(pad)->forward->store(nullptr, std::memory_order_release);
}

/// What another SSRC, codec or segment upstream means is the router's business. Above all no EOS
/// may pass: one slot's end is not the connection's.
static gboolean sfu_send_pad_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto src = rooms::adopt(gst_element_get_static_pad(GST_ELEMENT(parent), "src"));
  const bool plain = src && gst_pad_is_linked(src.get());
  if (!plain || GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    if (plain)
      gst_pad_push_event(
          src.get(),
          gst_event_new_caps(rooms::adopt(gst_caps_new_empty_simple("application/x-rtp")).get()));
    gst_event_unref(event);
    return TRUE;
  }
  return gst_pad_event_default(pad, parent, event);
}

static void sfu_send_pad_set_property(GObject* object, guint id, const GValue* value,
                                      GParamSpec* pspec) {
  auto* self = SFU_SEND_PAD(object);
  const auto* structure = id == PAD_PROP_SLOT ? gst_value_get_structure(value) : nullptr;
  if (!structure || !*self->sender) {
    if (id != PAD_PROP_SLOT) G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const auto slot = rooms::send_slot_in(structure);
  if (!slot) {
    GST_WARNING_OBJECT(self, "%s", slot.error().message.c_str());
    return;
  }
  (*self->sender)->set_slot(self->slot, *slot);
}

static void sfu_send_pad_get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  auto* self = SFU_SEND_PAD(object);
  if (id != PAD_PROP_STATS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const auto stats = (*self->sender)->stats(self->slot).value_or(rooms::SendEndpoint::Stats{});
  g_value_take_boxed(
      value, gst_structure_new(
                 "application/x-sfu-send-pad-stats", "packets", G_TYPE_UINT64,
                 static_cast<guint64>(stats.packets), "octets", G_TYPE_UINT64,
                 static_cast<guint64>(stats.octets), "resent", G_TYPE_UINT64,
                 static_cast<guint64>(stats.resent), "nacked", G_TYPE_UINT64,
                 static_cast<guint64>(stats.nacked), "keyframe-requests", G_TYPE_UINT64,
                 static_cast<guint64>(stats.keyframe_requests), "fraction-lost", G_TYPE_DOUBLE,
                 stats.fraction_lost, "lost", G_TYPE_INT, static_cast<gint>(stats.cumulative_lost),
                 "jitter", G_TYPE_UINT64, static_cast<guint64>(stats.jitter.count()), "round-trip",
                 G_TYPE_UINT64, static_cast<guint64>(stats.round_trip.count()), nullptr));
}

static void sfu_send_pad_finalize(GObject* object) {
  delete SFU_SEND_PAD(object)->sender;
  delete SFU_SEND_PAD(object)->forward;
  G_OBJECT_CLASS(sfu_send_pad_parent_class)->finalize(object);
}

static void sfu_send_pad_init(SfuSendPad* pad) {
  pad->sender = new std::shared_ptr<Sender>;
  pad->forward = new std::atomic<const rooms::RtpForward*>(nullptr);
}

static void sfu_send_pad_class_init(SfuSendPadClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = sfu_send_pad_set_property;
  object_class->get_property = sfu_send_pad_get_property;
  object_class->finalize = sfu_send_pad_finalize;
  g_object_class_install_property(
      object_class, PAD_PROP_SLOT,
      g_param_spec_boxed("slot", "Slot",
                         "application/x-sfu-slot: SSRCs, payload types, extension ids and feedback "
                         "that the peer negotiated",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
  g_object_class_install_property(
      object_class, PAD_PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "Packets, octets, resent, nacked, keyframe-requests; fraction-lost 0..1 "
                         "and lost as the peer reports them; jitter and round-trip in ns",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

// --- element

struct _SfuSend {
  GstElement parent;
  std::shared_ptr<Sender>* sender;
  guint next_pad;  // under the object lock
};

enum { PROP_TRANSPORT = 1, PROP_STATS };

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("application/x-rtp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

/// Pads that exist when gst-launch sets their properties (`sink_0::slot=..`) need this interface.
static void child_proxy_init(gpointer iface, gpointer /*data*/);

G_DEFINE_TYPE_WITH_CODE(SfuSend, sfu_send, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, child_proxy_init))
GST_ELEMENT_REGISTER_DEFINE(sfusend, "sfusend", GST_RANK_NONE, SFU_TYPE_SEND)

static GObject* child_by_index(GstChildProxy* proxy, guint index) {
  GST_OBJECT_LOCK(proxy);
  auto* pad = static_cast<GObject*>(g_list_nth_data(GST_ELEMENT(proxy)->sinkpads, index));
  if (pad) g_object_ref(pad);
  GST_OBJECT_UNLOCK(proxy);
  return pad;
}

static guint child_count(GstChildProxy* proxy) {
  GST_OBJECT_LOCK(proxy);
  const guint count = GST_ELEMENT(proxy)->numsinkpads;
  GST_OBJECT_UNLOCK(proxy);
  return count;
}

static void child_proxy_init(gpointer iface, gpointer /*data*/) {
  auto* proxy = static_cast<GstChildProxyInterface*>(iface);
  proxy->get_child_by_index = child_by_index;
  proxy->get_children_count = child_count;
}

static GstPad* sfu_send_request_new_pad(GstElement* element, GstPadTemplate* templ,
                                        const gchar* name, const GstCaps* /*caps*/) {
  auto* self = SFU_SEND(element);
  guint number = 0;
  GST_OBJECT_LOCK(self);
  if (name && sscanf(name, "sink_%u", &number) == 1) {
    self->next_pad = MAX(self->next_pad, number + 1);
  } else {
    number = self->next_pad++;
  }
  GST_OBJECT_UNLOCK(self);
  auto pad_name = rooms::own(g_strdup_printf("sink_%u", number));
  auto* pad = GST_PAD(g_object_new(SFU_TYPE_SEND_PAD, "name", pad_name.get(), "direction",
                                   GST_PAD_SINK, "template", templ, nullptr));
  *SFU_SEND_PAD(pad)->sender = *self->sender;
  SFU_SEND_PAD(pad)->slot = (*self->sender)->add_slot(pad);
  // Not in the pad's init: it has no direction there yet, and GStreamer wants to know it.
  gst_pad_set_chain_function(pad, sfu_send_pad_chain);
  gst_pad_set_chain_list_function(pad, sfu_send_pad_chain_list);
  gst_pad_set_query_function(pad, sfu_send_pad_query);
  gst_pad_set_event_function(pad, sfu_send_pad_event);
  gst_pad_set_unlink_function(pad, sfu_send_pad_unlink);
  gst_pad_set_active(pad, TRUE);
  if (!gst_element_add_pad(element, pad)) return nullptr;
  gst_child_proxy_child_added(GST_CHILD_PROXY(self), G_OBJECT(pad), pad_name.get());
  return pad;
}

static void sfu_send_release_pad(GstElement* element, GstPad* pad) {
  (*SFU_SEND(element)->sender)->remove_slot(SFU_SEND_PAD(pad)->slot);
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), GST_PAD_NAME(pad));
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(element, pad);
}

static GstStateChangeReturn sfu_send_change_state(GstElement* element, GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    (*SFU_SEND(element)->sender)->set_base_time(gst_element_get_base_time(element));
  return GST_ELEMENT_CLASS(sfu_send_parent_class)->change_state(element, transition);
}

static void sfu_send_set_property(GObject* object, guint id, const GValue* value,
                                  GParamSpec* pspec) {
  if (id != PROP_TRANSPORT) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  (*SFU_SEND(object)->sender)->set_transport(rooms::transport_in(value));
}

static void sfu_send_get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  if (id != PROP_STATS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  g_value_take_boxed(value, (*SFU_SEND(object)->sender)->stats().release());
}

static void sfu_send_dispose(GObject* object) {
  (*SFU_SEND(object)->sender)->close();
  G_OBJECT_CLASS(sfu_send_parent_class)->dispose(object);
}

static void sfu_send_finalize(GObject* object) {
  delete SFU_SEND(object)->sender;
  G_OBJECT_CLASS(sfu_send_parent_class)->finalize(object);
}

static void sfu_send_init(SfuSend* self) {
  self->sender = new std::shared_ptr<Sender>(std::make_shared<Sender>());
  auto* src = gst_pad_new_from_static_template(&src_template, "src");
  gst_element_add_pad(GST_ELEMENT(self), src);
  (*self->sender)->set_plain_output(rooms::share(src));
}

static void sfu_send_class_init(SfuSendClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sfu_send_debug, "sfusend", 0, "RTP endpoint of a subscribing peer");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = sfu_send_set_property;
  object_class->get_property = sfu_send_get_property;
  object_class->dispose = sfu_send_dispose;
  object_class->finalize = sfu_send_finalize;
  element_class->request_new_pad = sfu_send_request_new_pad;
  element_class->release_pad = sfu_send_release_pad;
  element_class->change_state = sfu_send_change_state;
  g_object_class_install_property(
      object_class, PROP_TRANSPORT,
      g_param_spec_boxed("transport", "Transport",
                         "Where packets go: the transport of a peer connection. None: the src pad",
                         ROOMS_TYPE_TRANSPORT,
                         static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "round-trip in ns, remote-estimate (REMB) in bit/s, acknowledged and "
                         "missed packets, packets dropped by reason",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  /**
   * SfuSend::request-keyframes:
   *
   * Asks upstream of every video slot for a keyframe: the peer has become reachable.
   */
  g_signal_new_class_handler(
      "request-keyframes", SFU_TYPE_SEND,
      static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
      G_CALLBACK(+[](SfuSend* self) { (*self->sender)->request_keyframes(); }), nullptr, nullptr,
      nullptr, G_TYPE_NONE, 0);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &sink_template,
                                                       SFU_TYPE_SEND_PAD);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "RTP sending endpoint", "Sink/Network/RTP",
      "Sends to a WebRTC peer: headers in its numbers, encryption, retransmission, reports",
      "gst-rooms developers");
}
