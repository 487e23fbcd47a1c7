// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-sfureceive
 *
 * The RTP endpoint of a connection on which a peer publishes. webrtcbin's own receiving path takes
 * a packet through thirteen elements and three threads; this one takes it from the socket to a pad
 * in one call: it decrypts (with the keys of webrtcbin's DTLS handshake), tells the encodings of a
 * bundle apart by SSRC, MID and RID (RFC 8843, RFC 8852), turns payload types and header extension
 * ids into the room's own, undoes RTX (RFC 4588), asks for what is missing (RFC 4585), reports (RFC
 * 3550, transport-wide feedback) and derives PTS from the sender's reports, so that sound and
 * picture of one publisher stay together.
 *
 * So the work is split: webrtcbin does DTLS and SCTP, this element RTP. What the peer negotiated is
 * told by the action `set-media`; one `src_%u` pad per encoding appears for it. Without `transport`
 * plain RTP may be pushed into `sink`.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=90 is-live=true ! vp8enc deadline=1 ! rtpvp8pay pt=100
 * ssrc=7 ! sfureceive
 * media="application/x-sfu-media,kind=(string)video,payload=(uint)96,payloads=(string)\"100:96\",ssrcs=(string)\"7\""
 * ! rtpvp8depay ! fakesink
 * ]|
 */
#include "elements/sfureceive.h"

#include <gst/video/video-event.h>

#include <string>

#include "elements/receiver.h"
#include "gst/glue/heard_levels.h"
#include "gst/transport/media_structure.h"
#include "gst/transport/transport_type.h"

GST_DEBUG_CATEGORY_STATIC(sfu_receive_debug);
#define GST_CAT_DEFAULT sfu_receive_debug

using rooms::Receiver;
using rooms::Ref;

// --- pad

struct _SfuReceivePad {
  GstPad parent;
  std::shared_ptr<Receiver>* receiver;
  Receiver::EncodingId encoding;
  gchar* mid;
  gchar* track;
  gchar* rid;
};

enum {
  PAD_PROP_TRACK = 1,
  PAD_PROP_RID,
  PAD_PROP_MID,
  PAD_PROP_SSRC,
  PAD_PROP_AUDIO_LEVELS,
  PAD_PROP_STATS
};

G_DEFINE_TYPE(SfuReceivePad, sfu_receive_pad, GST_TYPE_PAD)

static GstStructure* pad_stats(SfuReceivePad* pad) {
  const auto stats =
      (*pad->receiver)->stats(pad->encoding).value_or(rooms::ReceiveEndpoint::Stats{});
  return gst_structure_new("application/x-sfu-receive-pad-stats", "ssrc", G_TYPE_UINT, stats.ssrc,
                           "packets", G_TYPE_UINT64, static_cast<guint64>(stats.packets), "octets",
                           G_TYPE_UINT64, static_cast<guint64>(stats.octets), "lost", G_TYPE_INT64,
                           static_cast<gint64>(stats.lost), "nacked", G_TYPE_UINT64,
                           static_cast<guint64>(stats.nacked), "recovered", G_TYPE_UINT64,
                           static_cast<guint64>(stats.recovered), "keyframe-requests",
                           G_TYPE_UINT64, static_cast<guint64>(stats.keyframe_requests), "jitter",
                           G_TYPE_UINT64, static_cast<guint64>(stats.jitter.count()), nullptr);
}

static void sfu_receive_pad_get_property(GObject* object, guint id, GValue* value,
                                         GParamSpec* pspec) {
  auto* pad = SFU_RECEIVE_PAD(object);
  switch (id) {
    case PAD_PROP_TRACK:
      g_value_set_string(value, pad->track);
      break;
    case PAD_PROP_RID:
      g_value_set_string(value, pad->rid);
      break;
    case PAD_PROP_MID:
      g_value_set_string(value, pad->mid);
      break;
    case PAD_PROP_SSRC: {
      const auto stats = (*pad->receiver)->stats(pad->encoding);
      g_value_set_uint(value, stats ? stats->ssrc : 0);
      break;
    }
    case PAD_PROP_AUDIO_LEVELS:
      g_value_take_boxed(
          value, rooms::to_structure((*pad->receiver)->take_audio_levels(pad->encoding)).release());
      break;
    case PAD_PROP_STATS:
      g_value_take_boxed(value, pad_stats(pad));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_receive_pad_finalize(GObject* object) {
  auto* pad = SFU_RECEIVE_PAD(object);
  delete pad->receiver;
  g_free(pad->mid);
  g_free(pad->track);
  g_free(pad->rid);
  G_OBJECT_CLASS(sfu_receive_pad_parent_class)->finalize(object);
}

static gboolean sfu_receive_pad_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto* self = SFU_RECEIVE_PAD(pad);
  if (gst_video_event_is_force_key_unit(event)) {
    GST_DEBUG_OBJECT(pad, "asking the sender for a keyframe");
    (*self->receiver)->request_keyframe(self->encoding);
    gst_event_unref(event);
    return TRUE;
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_RECONFIGURE ||
      GST_EVENT_TYPE(event) == GST_EVENT_LATENCY) {
    gst_event_unref(event);
    return TRUE;
  }
  return gst_pad_event_default(pad, parent, event);
}

static gboolean sfu_receive_pad_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void sfu_receive_pad_init(SfuReceivePad* pad) {
  pad->receiver = new std::shared_ptr<Receiver>;
  gst_pad_set_event_function(GST_PAD(pad), sfu_receive_pad_event);
  gst_pad_set_query_function(GST_PAD(pad), sfu_receive_pad_query);
}

static void sfu_receive_pad_class_init(SfuReceivePadClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = sfu_receive_pad_get_property;
  object_class->finalize = sfu_receive_pad_finalize;
  const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const auto install = [&](guint id, GParamSpec* spec) {
    g_object_class_install_property(object_class, id, spec);
  };
  install(PAD_PROP_TRACK,
          g_param_spec_string("track", "Track", "Name of the track, as set-media gave it", nullptr,
                              flags));
  install(
      PAD_PROP_RID,
      g_param_spec_string(
          "rid", "RID", "Restriction id of the simulcast layer (RFC 8851); empty without simulcast",
          nullptr, flags));
  install(PAD_PROP_MID,
          g_param_spec_string("mid", "MID", "Identification of the media section in SDP (RFC 8843)",
                              nullptr, flags));
  install(PAD_PROP_SSRC,
          g_param_spec_uint("ssrc", "SSRC", "SSRC the peer sends with; 0: not seen yet", 0,
                            G_MAXUINT32, 0, flags));
  install(PAD_PROP_AUDIO_LEVELS,
          g_param_spec_boxed(
              "audio-levels", "Audio levels",
              "Of the packets since it was last read, 64 at most: `times` in ns of CLOCK_MONOTONIC "
              "and `levels` in -dBov (RFC 6464), 0 loud to 127 silent",
              GST_TYPE_STRUCTURE, flags));
  install(PAD_PROP_STATS,
          g_param_spec_boxed(
              "stats", "Statistics",
              "Packets, octets, lost, nacked, recovered, keyframe-requests; jitter in ns",
              GST_TYPE_STRUCTURE, flags));
}

// --- element

struct _SfuReceive {
  GstElement parent;
  std::shared_ptr<Receiver>* receiver;
  guint next_pad;     // under the object lock
  guint max_bitrate;  // under the object lock
};

enum { PROP_TRANSPORT = 1, PROP_MEDIA, PROP_MAX_BITRATE, PROP_STATS };
enum { ACTION_SET_MEDIA, ACTION_REMOVE_MEDIA, LAST_ACTION };
static guint actions[LAST_ACTION];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS("application/x-rtp"));

G_DEFINE_TYPE(SfuReceive, sfu_receive, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE(sfureceive, "sfureceive", GST_RANK_NONE, SFU_TYPE_RECEIVE)

static Ref<GstCaps> caps_of(const rooms::CodecProfile& profile) {
  auto name = rooms::own(g_ascii_strup(std::string(profile.name).c_str(), -1));
  auto caps = rooms::adopt(gst_caps_new_simple(
      "application/x-rtp", "media", G_TYPE_STRING, std::string(name_of(profile.kind)).c_str(),
      "encoding-name", G_TYPE_STRING, name.get(), "clock-rate", G_TYPE_INT,
      static_cast<gint>(profile.clock_rate), "payload", G_TYPE_INT, gint{profile.payload_type},
      nullptr));
  if (profile.kind == rooms::MediaKind::kVideo) {
    // Who selects layers finds the dependency descriptor by it.
    const auto field =
        "extmap-" + std::to_string(static_cast<int>(rooms::Extension::kDependencyDescriptor));
    gst_caps_set_simple(caps.get(), field.c_str(), G_TYPE_STRING,
                        std::string(uri_of(rooms::Extension::kDependencyDescriptor)).c_str(),
                        nullptr);
  }
  return caps;
}

static std::vector<Ref<GstEvent>> start_events(GstPad* pad, GstCaps* caps) {
  auto id = rooms::own(gst_pad_create_stream_id(pad, GST_PAD_PARENT(pad), GST_PAD_NAME(pad)));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  std::vector<Ref<GstEvent>> events;
  events.push_back(rooms::adopt(gst_event_new_stream_start(id.get())));
  events.push_back(rooms::adopt(gst_event_new_caps(caps)));
  events.push_back(rooms::adopt(gst_event_new_segment(&segment)));
  return events;
}

/// The codec may have become another one.
static void announce_caps(SfuReceive* self, SfuReceivePad* pad, GstCaps* caps) {
  const auto now = rooms::adopt(gst_pad_get_current_caps(GST_PAD(pad)));
  const bool same = now && gst_caps_is_equal(now.get(), caps);
  (*self->receiver)
      ->announce(pad->encoding,
                 same ? std::vector<Ref<GstEvent>>{} : start_events(GST_PAD(pad), caps));
}

static std::vector<Ref<GstPad>> pads_of(SfuReceive* self) {
  std::vector<Ref<GstPad>> pads;
  GST_OBJECT_LOCK(self);
  for (GList* item = GST_ELEMENT(self)->srcpads; item; item = item->next)
    pads.push_back(rooms::share(GST_PAD(item->data)));
  GST_OBJECT_UNLOCK(self);
  return pads;
}

static void add_pad(SfuReceive* self, Receiver::EncodingId encoding,
                    const rooms::ReceivedMedia& media, const std::string& rid, const char* track,
                    const rooms::CodecProfile& profile) {
  GST_OBJECT_LOCK(self);
  const guint number = self->next_pad++;
  GST_OBJECT_UNLOCK(self);
  auto name = rooms::own(g_strdup_printf("src_%u", number));
  auto templ = rooms::adopt(gst_static_pad_template_get(&src_template));
  auto* pad = GST_PAD(g_object_new(SFU_TYPE_RECEIVE_PAD, "name", name.get(), "direction",
                                   GST_PAD_SRC, "template", templ.get(), nullptr));
  auto* own_pad = SFU_RECEIVE_PAD(pad);
  *own_pad->receiver = *self->receiver;
  own_pad->encoding = encoding;
  own_pad->mid = g_strdup(media.mid.c_str());
  own_pad->rid = g_strdup(rid.c_str());
  own_pad->track = g_strdup(track);
  gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(GST_ELEMENT(self), pad);
  // No packet comes before attach() below.
  for (auto& event : start_events(pad, caps_of(profile).get()))
    gst_pad_push_event(pad, event.release());
  (*self->receiver)->attach(encoding, rooms::share(pad));
}

static gboolean sfu_receive_set_media(SfuReceive* self, const GstStructure* structure) {
  const auto media = rooms::received_media_in(structure);
  if (!media) {
    GST_WARNING_OBJECT(self, "%s", media.error().message.c_str());
    return FALSE;
  }
  const auto* profile = rooms::profile_of(media->payload_type);
  const char* track = gst_structure_get_string(structure, "track");
  for (std::size_t i = 0; i < media->rids.size(); ++i) {
    const auto encoding = (*self->receiver)->set_encoding(*media, i);
    bool known = false;
    for (const auto& pad : pads_of(self)) {
      if (SFU_RECEIVE_PAD(pad.get())->encoding != encoding) continue;
      known = true;
      announce_caps(self, SFU_RECEIVE_PAD(pad.get()), caps_of(*profile).get());
    }
    if (!known) add_pad(self, encoding, *media, media->rids[i], track ? track : "", *profile);
  }
  return TRUE;
}

static void remove_pad(SfuReceive* self, GstPad* pad) {
  (*self->receiver)->remove_encoding(SFU_RECEIVE_PAD(pad)->encoding);
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(GST_ELEMENT(self), pad);
}

static void sfu_receive_remove_media(SfuReceive* self, const gchar* mid) {
  for (const auto& pad : pads_of(self))
    if (g_strcmp0(SFU_RECEIVE_PAD(pad.get())->mid, mid) == 0) remove_pad(self, pad.get());
}

static GstFlowReturn sfu_receive_chain(GstPad* /*pad*/, GstObject* parent, GstBuffer* buffer) {
  return (*SFU_RECEIVE(parent)->receiver)->on_plain_rtp(rooms::adopt(buffer));
}

static gboolean sfu_receive_sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  // Our pads have their own caps and segment; only what ends or flushes the stream concerns them.
  const auto type = GST_EVENT_TYPE(event);
  if (type == GST_EVENT_EOS || type == GST_EVENT_FLUSH_START || type == GST_EVENT_FLUSH_STOP) {
    for (const auto& src : pads_of(SFU_RECEIVE(parent)))
      gst_pad_push_event(src.get(), gst_event_ref(event));
    if (type == GST_EVENT_FLUSH_STOP) return gst_pad_event_default(pad, parent, event);
  }
  gst_event_unref(event);
  return TRUE;
}

static GstStateChangeReturn sfu_receive_change_state(GstElement* element,
                                                     GstStateChange transition) {
  auto* self = SFU_RECEIVE(element);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    (*self->receiver)->set_base_time(gst_element_get_base_time(element));
  return GST_ELEMENT_CLASS(sfu_receive_parent_class)->change_state(element, transition);
}

static void sfu_receive_limit(SfuReceive* self, guint bitrate) {
  GST_OBJECT_LOCK(self);
  self->max_bitrate = bitrate;
  GST_OBJECT_UNLOCK(self);
  (*self->receiver)
      ->limit(bitrate == 0 ? std::nullopt
                           : std::optional(rooms::DataRate::bits_per_second(bitrate)));
}

static void sfu_receive_set_property(GObject* object, guint id, const GValue* value,
                                     GParamSpec* pspec) {
  auto* self = SFU_RECEIVE(object);
  switch (id) {
    case PROP_TRANSPORT:
      (*self->receiver)->set_transport(rooms::transport_in(value));
      break;
    case PROP_MEDIA:
      if (const auto* structure = gst_value_get_structure(value))
        sfu_receive_set_media(self, structure);
      break;
    case PROP_MAX_BITRATE:
      sfu_receive_limit(self, g_value_get_uint(value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_receive_get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  auto* self = SFU_RECEIVE(object);
  switch (id) {
    case PROP_MAX_BITRATE:
      GST_OBJECT_LOCK(self);
      g_value_set_uint(value, self->max_bitrate);
      GST_OBJECT_UNLOCK(self);
      break;
    case PROP_STATS:
      g_value_take_boxed(value, (*self->receiver)->drop_stats().release());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_receive_dispose(GObject* object) {
  auto* self = SFU_RECEIVE(object);
  (*self->receiver)->close();
  for (const auto& pad : pads_of(self)) remove_pad(self, pad.get());
  G_OBJECT_CLASS(sfu_receive_parent_class)->dispose(object);
}

static void sfu_receive_finalize(GObject* object) {
  delete SFU_RECEIVE(object)->receiver;
  G_OBJECT_CLASS(sfu_receive_parent_class)->finalize(object);
}

static void sfu_receive_init(SfuReceive* self) {
  self->receiver = new std::shared_ptr<Receiver>(std::make_shared<Receiver>());
  auto* sink = gst_pad_new_from_static_template(&sink_template, "sink");
  gst_pad_set_chain_function(sink, sfu_receive_chain);
  gst_pad_set_event_function(sink, sfu_receive_sink_event);
  gst_element_add_pad(GST_ELEMENT(self), sink);
}

static void install_properties(GObjectClass* object_class) {
  const auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const auto writable = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object_class, PROP_TRANSPORT,
      g_param_spec_boxed(
          "transport", "Transport",
          "Where packets come from: the transport of a peer connection. None: the sink pad",
          ROOMS_TYPE_TRANSPORT, writable));
  g_object_class_install_property(
      object_class, PROP_MEDIA,
      g_param_spec_boxed("media", "Media", "One media section, as for set-media; for launch lines",
                         GST_TYPE_STRUCTURE, writable));
  g_object_class_install_property(
      object_class, PROP_MAX_BITRATE,
      g_param_spec_uint("max-bitrate", "Most bitrate",
                        "What the peer should send in all at most, in bit/s; 0: no limit. Told by "
                        "REMB, to peers that negotiated it",
                        0, G_MAXUINT, 0,
                        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                 GST_PARAM_MUTABLE_PLAYING)));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Packets that were dropped, by reason",
                         GST_TYPE_STRUCTURE, readable));
}

static void sfu_receive_class_init(SfuReceiveClass* klass) {
  GST_DEBUG_CATEGORY_INIT(sfu_receive_debug, "sfureceive", 0, "RTP endpoint of a publishing peer");
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = sfu_receive_set_property;
  object_class->get_property = sfu_receive_get_property;
  object_class->dispose = sfu_receive_dispose;
  object_class->finalize = sfu_receive_finalize;
  element_class->change_state = sfu_receive_change_state;
  install_properties(object_class);
  const auto action = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
  /**
   * SfuReceive::set-media:
   * @media: application/x-sfu-media: what was negotiated for one media section, and `track`, its
   * name
   *
   * Makes one `src_%u` pad per encoding, or changes the ones that are there. Returns FALSE if a
   * field is wrong.
   */
  actions[ACTION_SET_MEDIA] = g_signal_new_class_handler(
      "set-media", SFU_TYPE_RECEIVE, action, G_CALLBACK(sfu_receive_set_media), nullptr, nullptr,
      nullptr, G_TYPE_BOOLEAN, 1, GST_TYPE_STRUCTURE);
  /**
   * SfuReceive::remove-media:
   * @mid: the media section
   *
   * Removes its pads.
   */
  actions[ACTION_REMOVE_MEDIA] = g_signal_new_class_handler(
      "remove-media", SFU_TYPE_RECEIVE, action, G_CALLBACK(sfu_receive_remove_media), nullptr,
      nullptr, nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &src_template,
                                                       SFU_TYPE_RECEIVE_PAD);
  gst_element_class_set_static_metadata(
      element_class, "RTP receiving endpoint", "Source/Network/RTP",
      "Receives what a WebRTC peer publishes: decrypts, sorts encodings, repairs, reports",
      "gst-rooms developers");
}
