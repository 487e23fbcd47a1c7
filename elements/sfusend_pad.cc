// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/sfusend_pad.h"

#include "gst/glue/rtp_patch_query.h"
#include "gst/transport/media_structure.h"

GST_DEBUG_CATEGORY_EXTERN(sfu_send_debug);
#define GST_CAT_DEFAULT sfu_send_debug

using rooms::Sender;

enum { PAD_PROP_SLOT = 1, PAD_PROP_STATS, PAD_PROP_SDES };

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
  if (id != PAD_PROP_SLOT && id != PAD_PROP_SDES) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const auto* structure = gst_value_get_structure(value);
  if (!structure || !*self->sender) return;
  if (id == PAD_PROP_SDES) {
    const auto item = [&](const char* name) {
      const char* text = gst_structure_get_string(structure, name);
      return std::string(text ? text : "");
    };
    (*self->sender)->describe_slot(self->slot, item("name"), item("note"));
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
                 G_TYPE_UINT64, static_cast<guint64>(stats.round_trip.count()), "playout-delay",
                 G_TYPE_UINT64, static_cast<guint64>(stats.playout_delay.count()), nullptr));
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
      object_class, PAD_PROP_SDES,
      g_param_spec_boxed("sdes", "Source description",
                         "application/x-rtp-source-sdes, as rtpsession has it: name and note of "
                         "what the slot shows, told with its sender reports (RFC 3550 6.5)",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS)));
  g_object_class_install_property(
      object_class, PAD_PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "Packets, octets, resent, nacked, keyframe-requests; fraction-lost 0..1 "
                         "and lost as the peer reports them; jitter, round-trip and playout-delay "
                         "(the least that the peer is told, 0: none) in ns",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

GstPad* sfu_send_pad_new(GstPadTemplate* templ, const char* name,
                         const std::shared_ptr<Sender>& sender) {
  auto* pad = GST_PAD(g_object_new(SFU_TYPE_SEND_PAD, "name", name, "direction", GST_PAD_SINK,
                                   "template", templ, nullptr));
  *SFU_SEND_PAD(pad)->sender = sender;
  SFU_SEND_PAD(pad)->slot = sender->add_slot(pad);
  // Not in the pad's init: it has no direction there yet, and GStreamer wants to know it.
  gst_pad_set_chain_function(pad, sfu_send_pad_chain);
  gst_pad_set_chain_list_function(pad, sfu_send_pad_chain_list);
  gst_pad_set_query_function(pad, sfu_send_pad_query);
  gst_pad_set_event_function(pad, sfu_send_pad_event);
  gst_pad_set_unlink_function(pad, sfu_send_pad_unlink);
  return pad;
}
