// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/tap_pad.h"

#include <atomic>
#include <utility>

#include "gst/glue/rtp_patch_query.h"
#include "pipelines/track_tap.h"

namespace rooms {
namespace {

struct TapTarget {
  std::shared_ptr<TapStream> stream;
  std::atomic<const RtpForward*> forward = nullptr;  // good during a push
};

TapTarget& target_of(GstPad* pad) {
  return *static_cast<TapTarget*>(gst_pad_get_element_private(pad));
}

GstFlowReturn take(GstPad* pad, std::size_t position, GstBuffer* buffer) {
  const auto& target = target_of(pad);
  const auto* forward = target.forward.load(std::memory_order_acquire);
  if (!forward || position >= forward->packets.size()) return GST_FLOW_NOT_SUPPORTED;
  target.stream->on_packet(forward->packets[position], buffer);
  return GST_FLOW_OK;
}

GstFlowReturn on_buffer(GstPad* pad, GstObject* /*parent*/, GstBuffer* buffer) {
  const auto owned = adopt(buffer);
  return take(pad, 0, buffer);
}

GstFlowReturn on_list(GstPad* pad, GstObject* /*parent*/, GstBufferList* list) {
  const auto owned = adopt(list);
  GstFlowReturn flow = GST_FLOW_OK;
  for (guint i = 0; i < gst_buffer_list_length(list) && flow == GST_FLOW_OK; ++i)
    flow = take(pad, i, gst_buffer_list_get(list, i));
  return flow;
}

gboolean on_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  const auto* forward = take_rtp_forward(pad, query);
  if (!forward) return gst_pad_query_default(pad, parent, query);
  target_of(pad).forward.store(forward, std::memory_order_release);
  return TRUE;
}

gboolean on_event(GstPad* pad, GstObject* /*parent*/, GstEvent* event) {
  const auto owned = adopt(event);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return TRUE;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const auto* structure = gst_caps_get_structure(caps, 0);
  if (const char* name = gst_structure_get_string(structure, "encoding-name"))
    target_of(pad).stream->on_codec(codec_named(name));
  return TRUE;
}

}  // namespace

Ref<GstPad> make_tap_pad(std::shared_ptr<TapStream> stream) {
  auto pad = sink(gst_pad_new("tap", GST_PAD_SINK));
  auto* target = new TapTarget{std::move(stream)};
  gst_pad_set_element_private(pad.get(), target);
  // As long as the pad: the router may be asking it when it is unlinked.
  g_object_set_data_full(G_OBJECT(pad.get()), "tap-target", target,
                         [](gpointer data) { delete static_cast<TapTarget*>(data); });
  gst_pad_set_chain_function(pad.get(), on_buffer);
  gst_pad_set_chain_list_function(pad.get(), on_list);
  gst_pad_set_query_function(pad.get(), on_query);
  gst_pad_set_event_function(pad.get(), on_event);
  gst_pad_set_active(pad.get(), TRUE);
  return pad;
}

}  // namespace rooms
