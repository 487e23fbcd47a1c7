// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-roomsrc
 * @title: roomsrc
 *
 * A participant that watches, in one element: plays a room of gst-rooms-server, or anything else
 * that a WHEP server (draft-ietf-wish-whep) sends.
 *
 * It asks for `audio-sections` and `video-sections` tracks. A pad `audio_%u` or `video_%u` appears
 * when the first packets of a track have come: raw by decodebin (`decode`), else the elementary
 * stream (VP8, VP9, H.264, Opus, G.711, G.722). Its properties say what it shows:
 * `participant-name` and `label` ("Ada", "camera") as the server tells them in RTCP, which change
 * with notify when the same section shows somebody else; `mid`, `msid` and `track-label` as its SDP
 * has them. Pads that nobody links harm nobody. Keyframes are asked for where packets are missing,
 * and lost packets again, within `latency`.
 *
 * When the connection is lost it is made again (`reconnect`); pads stay, and go on with the new
 * stream. Changes of state are told as roomsink tells them: `notify::connection-state`, and the
 * element message `room-connection`.
 *
 * Going to READY or NULL ends the resource on the server by DELETE, and waits for that for a second
 * at most.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 roomsrc name=room uri=http://127.0.0.1:8080/whep/demo wait-for-server=true
 * room. ! queue ! videoconvert ! fakesink room. ! queue ! audioconvert ! fakesink
 * ]| The room "demo", its first picture and its loudest voice; put autovideosink and autoaudiosink
 * in the place of the two fakesinks. It waits until there is a server.
 */
#include "elements/roomsrc.h"

#include <memory>

#include "elements/client_properties.h"
#include "elements/room_player.h"
#include "elements/roomsrc_pad.h"
#include "elements/webrtcbin_child.h"

GST_DEBUG_CATEGORY_STATIC(roomsrc_debug);
#define GST_CAT_DEFAULT roomsrc_debug

using rooms::RoomPlayer;

namespace {

enum Property { kAudioSections = rooms::kFirstOwnProperty, kVideoSections, kDecode, kLatency };

constexpr guint kMostSections = 32;

GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE(
    "video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS("video/x-raw(ANY); video/x-vp8; video/x-h264; video/x-vp9"));
GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE(
    "audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS("audio/x-raw(ANY); audio/x-opus; audio/x-mulaw; audio/x-alaw; audio/G722"));

struct Parts {
  rooms::ClientProperties common;
  rooms::Guarded<RoomPlayer::Settings> own;
  std::unique_ptr<RoomPlayer> player;
};

}  // namespace

struct _SfuRoomSrc {
  GstBin parent;
  Parts* parts;
};

G_DEFINE_TYPE(SfuRoomSrc, sfu_room_src, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE(roomsrc, "roomsrc", GST_RANK_NONE, SFU_TYPE_ROOM_SRC)

static GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  auto& parts = *SFU_ROOM_SRC(element)->parts;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    auto settings = parts.own.with([](const auto& known) { return known; });
    const auto jitter_buffer = settings.client.jitter_buffer;
    settings.client = parts.common.snapshot(element);
    settings.client.jitter_buffer = jitter_buffer;
    if (!rooms::check_uri(element, settings.client)) return GST_STATE_CHANGE_FAILURE;
    parts.player->start(settings);
  }
  auto result = GST_ELEMENT_CLASS(sfu_room_src_parent_class)->change_state(element, transition);
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      // Live, though there is no child yet that could say so.
      if (result != GST_STATE_CHANGE_FAILURE) result = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      // Not before: only now clock and base time are those that count.
      rooms::follow_base_time(GST_BIN(element));
      parts.player->connect();
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      parts.player->stop();
      break;
    default:
      break;
  }
  return result;
}

static void handle_message(GstBin* bin, GstMessage* message) {
  if (rooms::is_of_webrtcbin(message)) {
    GST_INFO_OBJECT(bin, "kept back: %" GST_PTR_FORMAT, message);
    gst_message_unref(message);
    return;
  }
  GST_BIN_CLASS(sfu_room_src_parent_class)->handle_message(bin, message);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  auto& parts = *SFU_ROOM_SRC(object)->parts;
  if (parts.common.set(id, value)) return;
  parts.own.with([&](RoomPlayer::Settings& own) {
    switch (id) {
      case kAudioSections:
        own.audio_sections = g_value_get_uint(value);
        break;
      case kVideoSections:
        own.video_sections = g_value_get_uint(value);
        break;
      case kDecode:
        own.decode = g_value_get_boolean(value);
        break;
      case kLatency:
        own.client.jitter_buffer = std::chrono::milliseconds(
            static_cast<std::int64_t>(g_value_get_uint64(value) / GST_MSECOND));
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
  });
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  auto& parts = *SFU_ROOM_SRC(object)->parts;
  if (parts.common.get(id, value)) return;
  const auto own = parts.own.with([](const auto& known) { return known; });
  switch (id) {
    case kAudioSections:
      return g_value_set_uint(value, own.audio_sections);
    case kVideoSections:
      return g_value_set_uint(value, own.video_sections);
    case kDecode:
      return g_value_set_boolean(value, gboolean{own.decode});
    case kLatency:
      return g_value_set_uint64(
          value, static_cast<guint64>(own.client.jitter_buffer.count()) * GST_MSECOND);
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void sfu_room_src_init(SfuRoomSrc* self) {
  self->parts = new Parts();
  auto* element = GST_ELEMENT(self);
  RoomPlayer::Callbacks callbacks;
  callbacks.tell = [self, element](const rooms::ConnectionNews& news) {
    self->parts->common.tell(element, news);
  };
  callbacks.give_up = [element](const rooms::Error& error) {
    rooms::post_client_error(element, error);
  };
  self->parts->player = std::make_unique<RoomPlayer>(GST_BIN(self), std::move(callbacks));
  gst_bin_set_suppressed_flags(
      GST_BIN(self), static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}

static void sfu_room_src_dispose(GObject* object) {
  auto* self = SFU_ROOM_SRC(object);
  self->parts->player->stop();
  G_OBJECT_CLASS(sfu_room_src_parent_class)->dispose(object);
}

static void sfu_room_src_finalize(GObject* object) {
  delete SFU_ROOM_SRC(object)->parts;
  G_OBJECT_CLASS(sfu_room_src_parent_class)->finalize(object);
}

static void install_properties(GObjectClass* object_class) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_READY);
  const RoomPlayer::Settings defaults;
  rooms::install_client_properties(
      object_class, "http://host:8080/whep/ROOM[/PARTICIPANT] or any other WHEP endpoint");
  const auto install = [&](guint id, GParamSpec* spec) {
    g_object_class_install_property(object_class, id, spec);
  };
  install(kAudioSections, g_param_spec_uint("audio-sections", "Audio sections",
                                            "How many tracks of sound to ask for", 0, kMostSections,
                                            defaults.audio_sections, kSetting));
  install(kVideoSections,
          g_param_spec_uint("video-sections", "Video sections", "How many pictures to ask for", 0,
                            kMostSections, defaults.video_sections, kSetting));
  install(kDecode, g_param_spec_boolean("decode", "Decode",
                                        "Whether pads give out raw media, or the elementary stream",
                                        TRUE, kSetting));
  install(kLatency, g_param_spec_uint64("latency", "Latency",
                                        "Jitter buffer: how long packets that are missing are "
                                        "waited for, in ns",
                                        0, 10 * GST_SECOND, 200 * GST_MSECOND, kSetting));
}

static void sfu_room_src_class_init(SfuRoomSrcClass* klass) {
  GST_DEBUG_CATEGORY_INIT(roomsrc_debug, "roomsrc", 0, "WHEP player");
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->dispose = sfu_room_src_dispose;
  object->finalize = sfu_room_src_finalize;
  install_properties(object);
  auto* element = GST_ELEMENT_CLASS(klass);
  element->change_state = change_state;
  GST_BIN_CLASS(klass)->handle_message = handle_message;
  gst_element_class_add_static_pad_template_with_gtype(element, &video_template,
                                                       SFU_TYPE_ROOM_SRC_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element, &audio_template,
                                                       SFU_TYPE_ROOM_SRC_PAD);
  gst_element_class_set_static_metadata(
      element, "Room source", "Source/Network/WebRTC",
      "Plays a room, or what any WHEP server sends: a pad for each track, decodes, reconnects",
      "gst-rooms developers");
}
