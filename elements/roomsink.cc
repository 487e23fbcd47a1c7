// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-roomsink
 * @title: roomsink
 *
 * A participant that sends, in one element: publishes sound and pictures into a room of
 * gst-rooms-server, or to any other WHIP server (RFC 9725).
 *
 * Inputs may be raw, encoded (VP8, VP9, H.264, Opus) or RTP; as many as are linked, `video_%u` and
 * `audio_%u`. Raw pictures are encoded in real time with `video-codec`, raw sound with Opus. What
 * comes encoded is sent as it is; a keyframe that somebody needs is asked for upstream
 * (GstForceKeyUnit), and its bitrate is its encoder's affair.
 *
 * The encoder follows the line: twccbwe estimates what it carries, between `min-bitrate` and
 * `max-bitrate`, where the server tells transport-wide feedback; elsewhere `bitrate` is kept. With
 * `simulcast` a raw picture is sent in three sizes (RID, RFC 8853), each half as wide as the next;
 * on a narrow line the largest is dropped first. A server that takes no layers gets the largest one
 * alone.
 *
 * The offer is made once all inputs that are linked have said what they are, or two seconds after
 * the first did; one that comes later is negotiated anew. Until there is a connection packets are
 * dropped. With `sync` they leave by the clock, so files are sent as fast as they play.
 *
 * When the connection is lost it is made again (`reconnect`), while the encoders go on. Changes of
 * state are told by `notify::connection-state` and by an element message `room-connection`:
 *
 * * `state` (string): disconnected, connecting, connected, waiting, failed
 * * `reason` (string): why it was lost; else empty
 * * `attempt` (uint): how often it was tried since it last worked
 * * `retry-in` (uint64): of state waiting, ns until the next attempt
 *
 * Going to READY or NULL ends the resource on the server by DELETE, and waits for that for a second
 * at most.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 !
 * roomsink name=room uri=http://127.0.0.1:8080/whip/demo wait-for-server=true
 * audiotestsrc is-live=true volume=0.1 ! room.
 * ]| A test picture and a tone into the room "demo"; it waits until there is a server.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=15/1 !
 * x264enc tune=zerolatency bitrate=500 key-int-max=60 ! video/x-h264,profile=constrained-baseline !
 * roomsink uri=http://127.0.0.1:8080/whip/demo wait-for-server=true
 * ]| H.264 as it is.
 */
#include "elements/roomsink.h"

#include <memory>
#include <string>

#include "elements/client_properties.h"
#include "elements/numbered_pads.h"
#include "elements/room_publisher.h"
#include "elements/roomsink_properties.h"
#include "elements/webrtcbin_child.h"

GST_DEBUG_CATEGORY_STATIC(roomsink_debug);
#define GST_CAT_DEFAULT roomsink_debug

using rooms::adopt;
using rooms::MediaKind;
using rooms::RoomPublisher;

namespace {

GstStaticPadTemplate video_template =
    GST_STATIC_PAD_TEMPLATE("video_%u", GST_PAD_SINK, GST_PAD_REQUEST,
                            GST_STATIC_CAPS("video/x-raw; video/x-vp8; video/x-h264; video/x-vp9; "
                                            "application/x-rtp, media = (string) video"));
GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE(
    "audio_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS("audio/x-raw; audio/x-opus; application/x-rtp, media = (string) audio"));

}  // namespace

struct _SfuRoomSink {
  GstBin parent;
  rooms::RoomSinkParts* parts;
};

G_DEFINE_TYPE(SfuRoomSink, sfu_room_sink, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE(roomsink, "roomsink", GST_RANK_NONE, SFU_TYPE_ROOM_SINK)

static GstPad* request_pad(GstElement* element, GstPadTemplate* templ, const gchar* wished,
                           const GstCaps* /*caps*/) {
  auto& parts = *SFU_ROOM_SINK(element)->parts;
  const bool video = g_str_has_prefix(GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), "video_");
  const char* prefix = video ? "video_" : "audio_";
  const auto index = rooms::pad_index(element, prefix, wished);
  if (!index) return nullptr;
  const auto name = prefix + std::to_string(*index);
  auto* input = parts.publisher->add_input(video ? MediaKind::kVideo : MediaKind::kAudio, name,
                                           parts.settings());
  auto* pad = gst_ghost_pad_new_from_template(name.c_str(), input->entry().get(), templ);
  g_object_set_data(G_OBJECT(pad), "sending-input", input);
  gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(element, pad);
  return pad;
}

static void release_pad(GstElement* element, GstPad* pad) {
  auto& parts = *SFU_ROOM_SINK(element)->parts;
  const auto held = rooms::share(pad);
  auto* input =
      static_cast<rooms::SendingInput*>(g_object_get_data(G_OBJECT(pad), "sending-input"));
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(element, pad);
  parts.publisher->remove_input(input);
}

static GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  auto& parts = *SFU_ROOM_SINK(element)->parts;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    auto settings = parts.settings();
    settings.client = parts.common.snapshot(element);
    if (!rooms::check_uri(element, settings.client)) return GST_STATE_CHANGE_FAILURE;
    parts.publisher->start(settings);
  }
  const auto result =
      GST_ELEMENT_CLASS(sfu_room_sink_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) rooms::follow_base_time(GST_BIN(element));
  const bool failed = result == GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
      (failed && transition == GST_STATE_CHANGE_READY_TO_PAUSED))
    parts.publisher->stop();
  return result;
}

static void handle_message(GstBin* bin, GstMessage* message) {
  if (rooms::is_of_webrtcbin(message)) {
    GST_INFO_OBJECT(bin, "kept back: %" GST_PTR_FORMAT, message);
    gst_message_unref(message);
    return;
  }
  GST_BIN_CLASS(sfu_room_sink_parent_class)->handle_message(bin, message);
}

static void sfu_room_sink_init(SfuRoomSink* self) {
  self->parts = new rooms::RoomSinkParts();
  auto* element = GST_ELEMENT(self);
  RoomPublisher::Callbacks callbacks;
  callbacks.tell = [self, element](const rooms::ConnectionNews& news) {
    self->parts->common.tell(element, news);
  };
  callbacks.give_up = [element](const rooms::Error& error) {
    rooms::post_client_error(element, error);
  };
  callbacks.warn = [element](const std::string& text) {
    GST_ELEMENT_WARNING(element, STREAM, CODEC_NOT_FOUND, ("%s", text.c_str()), (nullptr));
  };
  self->parts->publisher = std::make_unique<RoomPublisher>(GST_BIN(self), std::move(callbacks));
  // A sink, also before the first input and whatever webrtcbin is.
  gst_bin_set_suppressed_flags(
      GST_BIN(self), static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SINK);
}

static void sfu_room_sink_dispose(GObject* object) {
  auto* self = SFU_ROOM_SINK(object);
  if (self->parts->publisher) {
    self->parts->publisher->stop();
    for (const auto& input : self->parts->publisher->inputs())
      self->parts->publisher->remove_input(input.get());
  }
  G_OBJECT_CLASS(sfu_room_sink_parent_class)->dispose(object);
}

static void sfu_room_sink_finalize(GObject* object) {
  delete SFU_ROOM_SINK(object)->parts;
  G_OBJECT_CLASS(sfu_room_sink_parent_class)->finalize(object);
}

static void sfu_room_sink_class_init(SfuRoomSinkClass* klass) {
  GST_DEBUG_CATEGORY_INIT(roomsink_debug, "roomsink", 0, "WHIP publisher");
  auto* object = G_OBJECT_CLASS(klass);
  object->dispose = sfu_room_sink_dispose;
  object->finalize = sfu_room_sink_finalize;
  object->set_property = [](GObject* self, guint id, const GValue* value, GParamSpec* pspec) {
    if (!SFU_ROOM_SINK(self)->parts->set(id, value))
      G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, pspec);
  };
  object->get_property = [](GObject* self, guint id, GValue* value, GParamSpec* pspec) {
    if (!SFU_ROOM_SINK(self)->parts->get(id, value))
      G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, pspec);
  };
  rooms::install_room_sink_properties(object);
  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  element->change_state = change_state;
  GST_BIN_CLASS(klass)->handle_message = handle_message;
  gst_element_class_add_static_pad_template(element, &video_template);
  gst_element_class_add_static_pad_template(element, &audio_template);
  gst_element_class_set_static_metadata(
      element, "Room sink", "Sink/Network/WebRTC",
      "Publishes into a room, or to any WHIP server: encodes, follows the line, reconnects",
      "gst-rooms developers");
}
