// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/packet_feed.h"

#include <mutex>
#include <utility>

namespace rooms {

struct Feed {
  std::mutex sending;    // one packet after the other
  bool started = false;  // under sending
  Ref<GstCaps> caps;
  std::mutex listening;
  std::function<void(guint32)> on_keyframe_wanted;  // under listening
};

struct _RoomsPacketFeed {
  GstElement parent;
  GstPad* sink;
  GstPad* src;
  Feed* feed;
};

G_DEFINE_TYPE(RoomsPacketFeed, rooms_packet_feed, GST_TYPE_ELEMENT)

static GstStaticPadTemplate feed_sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));
static GstStaticPadTemplate feed_src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

/// webrtcbin's own rtprtxsend has nothing to send: no packet of ours has passed it.
static GstFlowReturn feed_chain(GstPad* /*pad*/, GstObject* /*parent*/, GstBuffer* buffer) {
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;
}

static gboolean feed_sink_event(GstPad* /*pad*/, GstObject* /*parent*/, GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

static gboolean feed_src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& feed = *ROOMS_PACKET_FEED(parent)->feed;
  const GstStructure* structure = gst_event_get_structure(event);
  guint ssrc = 0;
  if (structure && gst_structure_has_name(structure, "GstForceKeyUnit") &&
      gst_structure_get_uint(structure, "ssrc", &ssrc)) {
    std::lock_guard hold(feed.listening);
    if (feed.on_keyframe_wanted) feed.on_keyframe_wanted(ssrc);
  }
  return gst_pad_event_default(pad, parent, event);
}

static void rooms_packet_feed_init(RoomsPacketFeed* self) {
  self->feed = new Feed();
  self->sink = gst_pad_new_from_static_template(&feed_sink_template, "sink");
  self->src = gst_pad_new_from_static_template(&feed_src_template, "src");
  gst_pad_set_chain_function(self->sink, feed_chain);
  gst_pad_set_event_function(self->sink, feed_sink_event);
  gst_pad_set_event_function(self->src, feed_src_event);
  gst_pad_use_fixed_caps(self->src);
  gst_element_add_pad(GST_ELEMENT(self), self->sink);
  gst_element_add_pad(GST_ELEMENT(self), self->src);
}

static void rooms_packet_feed_finalize(GObject* object) {
  delete ROOMS_PACKET_FEED(object)->feed;
  G_OBJECT_CLASS(rooms_packet_feed_parent_class)->finalize(object);
}

static void rooms_packet_feed_class_init(RoomsPacketFeedClass* klass) {
  G_OBJECT_CLASS(klass)->finalize = rooms_packet_feed_finalize;
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &feed_sink_template);
  gst_element_class_add_static_pad_template(element_class, &feed_src_template);
  gst_element_class_set_static_metadata(element_class, "Packet feed", "Source/Network/RTP",
                                        "RTP packets of any SSRC into an RTP session",
                                        "gst-rooms developers");
}

Ref<RoomsPacketFeed> make_packet_feed(GstCaps* caps,
                                      std::function<void(guint32)> on_keyframe_wanted) {
  auto feed = sink(ROOMS_PACKET_FEED(g_object_new(ROOMS_TYPE_PACKET_FEED, nullptr)));
  feed->feed->caps = share(caps);
  feed->feed->on_keyframe_wanted = std::move(on_keyframe_wanted);
  return feed;
}

static void begin_stream(RoomsPacketFeed* self) {
  gst_pad_push_event(self->src, gst_event_new_stream_start("rooms-packet-feed"));
  gst_pad_push_event(self->src, gst_event_new_caps(self->feed->caps.get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(self->src, gst_event_new_segment(&segment));
}

GstFlowReturn push_packet(RoomsPacketFeed* self, Ref<GstBuffer> packet) {
  std::lock_guard hold(self->feed->sending);
  if (!std::exchange(self->feed->started, true)) begin_stream(self);
  return gst_pad_push(self->src, packet.release());
}

void close_packet_feed(RoomsPacketFeed* self) {
  std::lock_guard hold(self->feed->listening);
  self->feed->on_keyframe_wanted = nullptr;
}

}  // namespace rooms
