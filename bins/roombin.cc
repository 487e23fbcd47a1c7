// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-roombin
 * @title: roombin
 *
 * A whole conference room as one element, without a server: the application carries offers and
 * answers as it likes, the bin does everything else (ICE, DTLS, forwarding, mixing, recording).
 *
 * The room is open from READY to NULL. All roombins of a process with the same `udp-port`,
 * `announce-ip` and `workers` share one UDP port.
 *
 * Each participant is added (`add-participant`) and has up to two connections: `publish`, for what
 * it sends, and `subscribe`, for what it is sent. Each is one offer of its peer and one answer,
 * with all candidates in it: ICE is lite (RFC 8445, 2.5), so candidates of the peer are not needed.
 * With offer and answer in the body of a request that is WHIP (RFC 9725) and WHEP. A new offer on
 * `publish` changes tracks, or begins a new connection.
 *
 * Action signals block until the room has answered, and may be emitted by any thread but the
 * streaming threads of the bin and of what it is linked with. They return null or FALSE if they
 * failed; `last-error`, read by the same thread, says why: a word, a colon, a sentence.
 *
 * * `add-participant (id, name) -> id`, `remove-participant (id) -> ok`
 * * `publish (id, offer) -> answer`; `subscribe (id, offer, options) -> answer`, options null or a
 *   #GstStructure with `mode` ("tracks", "mix", "hybrid") and `participants` (ids with commas)
 * * `set-layout (layout) -> ok`: "grid", "speaker", "pip", "side-by-side" or JSON; `set-muted (id
 * of participant or track, muted) -> ok`
 * * `start-recording (options) -> id`, options null or a #GstStructure with `kind` ("tracks",
 *   "composite"), `format` ("auto", "mp4", "webm", "mkv"), `name`, `layout`, `segment-time`
 * (uint64, ns); `stop-recording (id) -> ok` when its files have ended
 * * `add-tap (id of a track) -> name of a new src pad`, `remove-tap (pad) -> ok`
 *
 * Signals come on a thread of their own, where action signals may be emitted: `participant-joined
 * (id, name)`, `participant-left (id, reason)`, `track-added (track, participant, kind, label,
 * codec)`, `track-removed (track, participant)`, `active-speaker (participant)`, `recording-changed
 * (id, state, reason)`, `connection-changed (participant, "publish" or "subscribe", "connected",
 * "failed" or "closed", reason)`. Who has lost a connection stays in the room until it is removed.
 *
 * Media goes in by request pads `sink_%u`: H.264 without B-frames, VP8, VP9 and Opus as they are,
 * everything else decoded and encoded. A pad is a track of the participant in its property
 * `participant`, or in the element's. What comes is played as it comes; put `clocksync` before it
 * if the source is a file. Media comes out, encoded, by request pads `mix_video` (H.264) and
 * `mix_audio` (Opus) and by those of `add-tap`; a pad that nobody links harms nobody. It begins
 * with a keyframe, and ends with EOS when its track has gone. What goes out and comes in again
 * passes another pipeline (`proxysink`, `proxysrc`), or it would be a loop.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 roombin name=room udp-port=0 room.mix_video ! h264parse ! fakesink
 * room.mix_audio ! fakesink
 * videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! vp8enc deadline=1 ! room.sink_0
 * audiotestsrc is-live=true wave=ticks ! room.sink_1
 * ]| A room in which a test picture and sound are a participant, "host"; what is mixed of it goes
 * on.
 */
#include "bins/roombin.h"

#include <thread>

#include "bins/roombin_pad.h"
#include "bins/roombin_parts.h"
#include "pipelines/level_messages.h"

GST_DEBUG_CATEGORY_STATIC(roombin_debug);
#define GST_CAT_DEFAULT roombin_debug

using rooms::own;
using rooms::RoomBinParts;

namespace {

enum Property {
  kUdpPort = 1,
  kAnnounceIp,
  kWorkers,
  kTopology,
  kLayout,
  kRecordings,
  kParticipant,
  kLastError,
  kStats
};

constexpr const char* kIn =
    "video/x-h264; video/x-vp8; video/x-vp9; video/x-raw; audio/x-opus; audio/x-raw";

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS(kIn));
GstStaticPadTemplate picture_template =
    GST_STATIC_PAD_TEMPLATE("mix_video", GST_PAD_SRC, GST_PAD_REQUEST,
                            GST_STATIC_CAPS("video/x-h264,stream-format=avc,alignment=au"));
GstStaticPadTemplate sound_template = GST_STATIC_PAD_TEMPLATE(
    "mix_audio", GST_PAD_SRC, GST_PAD_REQUEST, GST_STATIC_CAPS("audio/x-opus"));
GstStaticPadTemplate tap_template = GST_STATIC_PAD_TEMPLATE(
    "src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS("video/x-h264; video/x-vp8; video/x-vp9; video/x-av1; audio/x-opus; "
                    "audio/x-mulaw; audio/x-alaw; audio/G722"));

std::string text_in(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

}  // namespace

struct _SfuRoomBin {
  GstBin parent;
  RoomBinParts* parts;
};

G_DEFINE_TYPE(SfuRoomBin, sfu_room_bin, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE(roombin, "roombin", GST_RANK_NONE, SFU_TYPE_ROOM_BIN)

namespace rooms {
RoomBinParts& parts_of(SfuRoomBin* self) { return *self->parts; }
}  // namespace rooms

static bool open_room(SfuRoomBin* self) {
  auto settings = self->parts->settings.with([](const auto& held) { return held; });
  const auto name = own(gst_object_get_name(GST_OBJECT(self)));
  const auto opened = self->parts->host().open(name.get(), settings);
  if (!opened)
    GST_ELEMENT_ERROR(self, RESOURCE, SETTINGS, ("%s", opened.error().message.c_str()),
                      ("%s", opened.error().code.c_str()));
  return opened.ok();
}

static bool start_outlets(SfuRoomBin* self) {
  const auto started = self->parts->start_outlets();
  if (!started)
    GST_ELEMENT_ERROR(self, RESOURCE, FAILED, ("%s", started.error().message.c_str()),
                      ("%s", started.error().code.c_str()));
  return started.ok();
}

static GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  auto* self = SFU_ROOM_BIN(element);
  auto& parts = *self->parts;
  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !open_room(self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start_outlets(self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) parts.interrupt();
  const auto result =
      GST_ELEMENT_CLASS(sfu_room_bin_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) parts.stop();
  if (transition == GST_STATE_CHANGE_READY_TO_NULL) {
    parts.remove_taps();
    parts.host().close();
  }
  return result;
}

static void handle_message(GstBin* bin, GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT && rooms::take_level(message)) {
    gst_message_unref(message);
    return;
  }
  GST_BIN_CLASS(sfu_room_bin_parent_class)->handle_message(bin, message);
}

static GstPad* request_new_pad(GstElement* element, GstPadTemplate* templ, const gchar* name,
                               const GstCaps* /*caps*/) {
  return SFU_ROOM_BIN(element)->parts->request_pad(templ, name);
}

static void release_pad(GstElement* element, GstPad* pad) {
  SFU_ROOM_BIN(element)->parts->release_pad(pad);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto& parts = *SFU_ROOM_BIN(object)->parts;
  if (id == kParticipant) {
    parts.participant.with([&](std::string& held) { held = text_in(value); });
    return;
  }
  parts.settings.with([&](rooms::RoomHost::Settings& held) {
    switch (id) {
      case kUdpPort:
        held.udp_port = static_cast<std::uint16_t>(g_value_get_uint(value));
        break;
      case kAnnounceIp:
        held.announce_ip = text_in(value);
        break;
      case kWorkers:
        held.workers = g_value_get_uint(value);
        break;
      case kTopology:
        if (const auto known = rooms::topology_named(text_in(value)))
          held.topology = *known;
        else
          g_warning("roombin: there is no topology '%s'; it stays as it was.",
                    text_in(value).c_str());
        break;
      case kLayout:
        held.layout = text_in(value);
        break;
      case kRecordings:
        held.recordings = text_in(value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
}

static GstStructure* stats_of(const rooms::RoomHost& host) {
  const auto stats = host.ask<rooms::RoomStats>(
      [](rooms::Room& room, auto reply) { room.stats(std::move(reply)); });
  return gst_structure_new("application/x-room-bin-stats", "udp-port", G_TYPE_UINT,
                           guint{host.port()}, "room", G_TYPE_STRING,
                           stats ? stats->json.c_str() : "{}", "media", G_TYPE_STRING,
                           host.media_stats().c_str(), nullptr);
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto& parts = *SFU_ROOM_BIN(object)->parts;
  const auto held = parts.settings.with([](const auto& settings) { return settings; });
  switch (id) {
    case kUdpPort:
      return g_value_set_uint(value,
                              parts.host().port() != 0 ? parts.host().port() : held.udp_port);
    case kAnnounceIp:
      return g_value_set_string(value, held.announce_ip.c_str());
    case kWorkers:
      return g_value_set_uint(value, held.workers);
    case kTopology:
      return g_value_set_string(value, std::string(rooms::name_of(held.topology)).c_str());
    case kLayout:
      return g_value_set_string(value, held.layout.c_str());
    case kRecordings:
      return g_value_set_string(value, held.recordings.c_str());
    case kParticipant:
      return g_value_set_string(
          value, parts.participant.with([](const std::string& who) { return who; }).c_str());
    case kLastError:
      return g_value_set_string(value, rooms::last_error().c_str());
    case kStats:
      return g_value_take_boxed(value, stats_of(parts.host()));
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

static void sfu_room_bin_init(SfuRoomBin* self) { self->parts = new RoomBinParts(GST_BIN(self)); }

static void sfu_room_bin_dispose(GObject* object) {
  SFU_ROOM_BIN(object)->parts->clear();
  G_OBJECT_CLASS(sfu_room_bin_parent_class)->dispose(object);
}

static void sfu_room_bin_finalize(GObject* object) {
  auto* parts = SFU_ROOM_BIN(object)->parts;
  auto notifier = parts->take_notifier();
  delete parts;
  // The last who held the element may have been a handler of its signals.
  if (notifier->is_current()) std::thread([held = std::move(notifier)]() mutable {}).detach();
  G_OBJECT_CLASS(sfu_room_bin_parent_class)->finalize(object);
}

static void install_properties(GObjectClass* object) {
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  constexpr auto kEarly = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY);
  const rooms::RoomHost::Settings defaults;
  const auto install = [object](guint id, GParamSpec* spec) {
    g_object_class_install_property(object, id, spec);
  };
  install(kUdpPort,
          g_param_spec_uint("udp-port", "UDP port",
                            "Of all media, also by TCP; 0: any that is free, and from READY on the "
                            "one that it is. Counts in NULL",
                            0, 65535, defaults.udp_port, kEarly));
  install(kAnnounceIp, g_param_spec_string("announce-ip", "Announced addresses",
                                           "Addresses in the candidates instead of those of the "
                                           "interfaces, with commas. Counts in NULL",
                                           "", kEarly));
  install(kWorkers, g_param_spec_uint("workers", "Workers",
                                      "Network threads; 0: one per core. Counts in NULL", 0, 256,
                                      defaults.workers, kEarly));
  install(kTopology, g_param_spec_string("topology", "Topology",
                                         "What who subscribes is sent: the others' tracks (sfu) or "
                                         "one mix (mcu). Counts in NULL",
                                         "sfu", kEarly));
  install(kLayout, g_param_spec_string("layout", "Layout",
                                       "Of the mix, to begin with: grid, speaker, pip, "
                                       "side-by-side, or JSON; empty: grid. set-layout changes it",
                                       "", kEarly));
  install(kRecordings, g_param_spec_string("recordings", "Recordings",
                                           "Folder of all recordings; empty: start-recording is "
                                           "refused. Counts in NULL",
                                           "", kEarly));
  install(kParticipant, g_param_spec_string("participant", "Participant",
                                            "Id of the participant that sink pads belong to which "
                                            "name none",
                                            "host", kEarly));
  install(kLastError,
          g_param_spec_string("last-error", "Last error",
                              "Why the last action signal that the reading thread emitted failed, "
                              "as 'word: sentence'; empty: it did not",
                              "", kFact));
  install(kStats, g_param_spec_boxed("stats", "Statistics",
                                     "udp-port; room and media: JSON, of the room and of the "
                                     "sockets that it shares",
                                     GST_TYPE_STRUCTURE, kFact));
}

static void sfu_room_bin_class_init(SfuRoomBinClass* klass) {
  GST_DEBUG_CATEGORY_INIT(roombin_debug, "roombin", 0, "a room in one element");
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->dispose = sfu_room_bin_dispose;
  object->finalize = sfu_room_bin_finalize;
  install_properties(object);
  rooms::install_room_actions(G_TYPE_FROM_CLASS(klass));
  rooms::RoomNotifier::install_signals(G_TYPE_FROM_CLASS(klass));
  GST_BIN_CLASS(klass)->handle_message = handle_message;
  auto* element = GST_ELEMENT_CLASS(klass);
  element->change_state = change_state;
  element->request_new_pad = request_new_pad;
  element->release_pad = release_pad;
  gst_element_class_add_static_pad_template_with_gtype(element, &sink_template,
                                                       SFU_TYPE_ROOM_BIN_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element, &picture_template,
                                                       SFU_TYPE_ROOM_BIN_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element, &sound_template,
                                                       SFU_TYPE_ROOM_BIN_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element, &tap_template,
                                                       SFU_TYPE_ROOM_BIN_PAD);
  gst_element_class_set_static_metadata(element, "Conference room", "Generic/Bin/Network",
                                        "A whole WebRTC conference room: forwards, mixes, records",
                                        "gst-rooms");
}
