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
 * Towards a peer that sends transport-wide feedback (transport-cc) it estimates what the line
 * carries: Google congestion control (draft-ietf-rmcat-gcc-02). From the first feedback on, frames
 * much larger than others leave at 1.3 times the estimate, sound never waits, and
 * what waits for more than two seconds is dropped as a whole and a keyframe asked for;
 * retransmissions take half of the estimate at most. Where RTX is
 * negotiated too, probes try what is not sent yet: until the estimate covers `wanted-bitrate`, and
 * never beyond `max-bitrate`. REMB of a peer without transport-cc is taken as the estimate.
 *
 * While a peer asks for video packets again it is told to show pictures later, by the header
 * extension http://www.webrtc.org/experiments/rtp-hdrext/playout-delay if it is negotiated: a round
 * trip and 80 ms, from 3 % loss on as long as a second try takes, at most 400 ms, until 25 s after
 * the last loss. So those packets come in time.
 *
 * Bit rates are those of IPv4 packets: RTP, SRTP tag and 28 bytes of UDP and IP, of all slots
 * together. Listeners of `notify::estimated-bitrate` are called on a network thread.
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
#include "elements/sfusend_pad.h"
#include "gst/transport/transport_type.h"

GST_DEBUG_CATEGORY(sfu_send_debug);
#define GST_CAT_DEFAULT sfu_send_debug

using rooms::Sender;

// --- element

struct _SfuSend {
  GstElement parent;
  std::shared_ptr<Sender>* sender;
  guint next_pad;  // under the object lock
  // bit/s, as set; under the object lock
  guint min_bitrate;
  guint max_bitrate;
  guint start_bitrate;
  guint wanted_bitrate;
};

enum Property : guint {
  PROP_TRANSPORT = 1,
  PROP_STATS,
  PROP_ESTIMATED_BITRATE,
  PROP_ESTIMATING,
  PROP_MIN_BITRATE,
  PROP_MAX_BITRATE,
  PROP_START_BITRATE,
  PROP_WANTED_BITRATE,
};

static GParamSpec* estimated_bitrate_spec = nullptr;

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
  auto* pad = sfu_send_pad_new(templ, pad_name.get(), *self->sender);
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

/// Which of the element's settings a property is; nullptr: none of them.
static guint* setting_of(SfuSend* self, guint id) {
  switch (id) {
    case PROP_MIN_BITRATE:
      return &self->min_bitrate;
    case PROP_MAX_BITRATE:
      return &self->max_bitrate;
    case PROP_START_BITRATE:
      return &self->start_bitrate;
    case PROP_WANTED_BITRATE:
      return &self->wanted_bitrate;
    default:
      return nullptr;
  }
}

static void set_bitrate(SfuSend* self, guint id, guint bits) {
  GST_OBJECT_LOCK(self);
  *setting_of(self, id) = bits;
  const auto min = rooms::DataRate::bits_per_second(self->min_bitrate);
  const auto max = rooms::DataRate::bits_per_second(self->max_bitrate);
  GST_OBJECT_UNLOCK(self);
  const auto rate = rooms::DataRate::bits_per_second(bits);
  (*self->sender)->set_rates([&](rooms::CongestionControl& congestion) {
    if (id == PROP_START_BITRATE) return congestion.set_start(rate);
    if (id == PROP_WANTED_BITRATE) return congestion.set_wanted(rate);
    congestion.set_bounds(min, max);
  });
}

static void sfu_send_set_property(GObject* object, guint id, const GValue* value,
                                  GParamSpec* pspec) {
  auto* self = SFU_SEND(object);
  if (id == PROP_TRANSPORT) {
    (*self->sender)->set_transport(rooms::transport_in(value));
  } else if (setting_of(self, id)) {
    set_bitrate(self, id, g_value_get_uint(value));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_send_get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  auto* self = SFU_SEND(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, (*self->sender)->stats().release());
  } else if (id == PROP_ESTIMATED_BITRATE) {
    const auto bits = (*self->sender)->estimate().bits_per_second();
    g_value_set_uint(value, static_cast<guint>(CLAMP(bits, 0, G_MAXUINT)));
  } else if (id == PROP_ESTIMATING) {
    g_value_set_boolean(value, (*self->sender)->estimating());
  } else if (const auto* setting = setting_of(self, id)) {
    GST_OBJECT_LOCK(self);
    g_value_set_uint(value, *setting);
    GST_OBJECT_UNLOCK(self);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_send_dispose(GObject* object) {
  (*SFU_SEND(object)->sender)->close();
  G_OBJECT_CLASS(sfu_send_parent_class)->dispose(object);
}

static void sfu_send_finalize(GObject* object) {
  delete SFU_SEND(object)->sender;
  G_OBJECT_CLASS(sfu_send_parent_class)->finalize(object);
}

static guint in_bits(rooms::DataRate rate) { return static_cast<guint>(rate.bits_per_second()); }

static void sfu_send_init(SfuSend* self) {
  self->sender = new std::shared_ptr<Sender>(std::make_shared<Sender>());
  auto* src = gst_pad_new_from_static_template(&src_template, "src");
  gst_element_add_pad(GST_ELEMENT(self), src);
  (*self->sender)->set_plain_output(rooms::share(src));
  (*self->sender)->set_owner(GST_ELEMENT(self), estimated_bitrate_spec);
  const rooms::BandwidthEstimator::Config defaults;
  self->min_bitrate = in_bits(defaults.min);
  self->max_bitrate = in_bits(defaults.max);
  self->start_bitrate = in_bits(defaults.start);
}

static void install_bitrates(GObjectClass* object_class) {
  const rooms::BandwidthEstimator::Config defaults;
  const auto install = [&](guint id, const char* name, const char* nick, const char* blurb,
                           guint least, guint usual) {
    g_object_class_install_property(
        object_class, id,
        g_param_spec_uint(name, nick, blurb, least, G_MAXINT, usual,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING)));
  };
  install(PROP_MIN_BITRATE, "min-bitrate", "Least bitrate",
          "The estimate falls no lower, in bit/s; stronger than max-bitrate", 1,
          in_bits(defaults.min));
  install(PROP_MAX_BITRATE, "max-bitrate", "Most bitrate",
          "The estimate rises no higher, and probes try no more, in bit/s", 1,
          in_bits(defaults.max));
  install(PROP_START_BITRATE, "start-bitrate", "First bitrate",
          "The estimate until the peer says something, in bit/s; later changes have no effect", 1,
          in_bits(defaults.start));
  install(PROP_WANTED_BITRATE, "wanted-bitrate", "Wanted bitrate",
          "What could be sent if the line carried it, in bit/s: no probes while the estimate is a "
          "quarter more, and none for more than twice as much. 0: as much as is sent, or 2500000 "
          "if that is more",
          0, 0);
  estimated_bitrate_spec = g_param_spec_uint(
      "estimated-bitrate", "Estimated bitrate",
      "What the line to the peer carries, in bit/s of all slots together; notified on a network "
      "thread: at once when it falls or rises by five percent, else at most ten times a second",
      0, G_MAXUINT, in_bits(defaults.start),
      static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property(object_class, PROP_ESTIMATED_BITRATE, estimated_bitrate_spec);
  g_object_class_install_property(
      object_class, PROP_ESTIMATING,
      g_param_spec_boolean("estimating", "Estimating",
                           "The peer has said something of its line (transport-wide feedback or "
                           "REMB); before, estimated-bitrate is start-bitrate",
                           FALSE,
                           static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
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
                         "Bitrates in bit/s (estimated, sent, acknowledged, delay, loss, wanted, "
                         "remote-estimate by REMB); estimating, probing, link-use normal, over or "
                         "under; round-trip and queue-delay (on the line) in ns; loss 0..1; queued "
                         "bytes; packets acknowledged, missed, never-sent (told of by the peer), "
                         "paced, probe-packets and dropped by reason; overuses, probes, "
                         "feedback-timeouts",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  install_bitrates(object_class);
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
