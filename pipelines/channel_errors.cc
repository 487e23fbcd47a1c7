// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/channel_errors.h"

#include "gst/glue/ref.h"

namespace rooms {
namespace {

/// `inner` is the bus that the bin listens to; what is posted to it is its own.
GstBusSyncReply pass_on(GstBus* /*bus*/, GstMessage* raw, gpointer inner) {
  const auto message = adopt(raw);
  gst_bus_post(static_cast<GstBus*>(inner), gst_message_ref(message.get()));
  // The bin passes errors on to nobody: a reference beside ours is the one it forgot.
  if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR &&
      GST_MINI_OBJECT_REFCOUNT_VALUE(message.get()) > 1) {
    [[maybe_unused]] const auto forgotten = adopt(message.get());
  }
  return GST_BUS_DROP;
}

}  // namespace

void let_go_of_channel_errors(GstElement* element) {
  const auto parent = adopt(gst_object_get_parent(GST_OBJECT(element)));
  if (!parent || g_strcmp0(G_OBJECT_TYPE_NAME(parent.get()), "WebRTCErrorIgnoreBin") != 0) return;
  auto inner = adopt(gst_element_get_bus(element));
  const auto bus = adopt(gst_bus_new());
  gst_bus_set_sync_handler(bus.get(), pass_on, inner.release(), g_object_unref);
  gst_element_set_bus(element, bus.get());
}

}  // namespace rooms
