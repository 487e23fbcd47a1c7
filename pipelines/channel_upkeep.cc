// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/channel_upkeep.h"

#include <gst/webrtc/webrtc.h>

#include <mutex>
#include <utility>
#include <vector>

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

/// `element` was added somewhere below a webrtcbin and has done nothing yet.
void let_go_of_errors(GstElement* element) {
  const auto parent = adopt(gst_object_get_parent(GST_OBJECT(element)));
  if (!parent || g_strcmp0(G_OBJECT_TYPE_NAME(parent.get()), "WebRTCErrorIgnoreBin") != 0) return;
  auto inner = adopt(gst_element_get_bus(element));
  const auto bus = adopt(gst_bus_new());
  gst_bus_set_sync_handler(bus.get(), pass_on, inner.release(), g_object_unref);
  gst_element_set_bus(element, bus.get());
}

}  // namespace

struct ChannelUpkeep::Shared {
  std::function<void(std::size_t)> on_made;
  std::mutex mutex;
  std::size_t made = 0;                             // under mutex
  std::vector<Ref<GstWebRTCDataChannel>> channels;  // under mutex
};

ChannelUpkeep::ChannelUpkeep(GstElement* webrtcbin, std::function<void(std::size_t)> on_made)
    : shared_(std::make_shared<Shared>()) {
  shared_->on_made = std::move(on_made);
  g_signal_connect(webrtcbin, "deep-element-added",
                   G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer) {
                     let_go_of_errors(element);
                   }),
                   nullptr);
  g_signal_connect_data(
      webrtcbin, "prepare-data-channel",
      G_CALLBACK(+[](GstElement*, GstWebRTCDataChannel* channel, gboolean, gpointer data) {
        auto& shared = **static_cast<std::shared_ptr<Shared>*>(data);
        std::size_t made = 0;
        {
          std::lock_guard hold(shared.mutex);
          shared.channels.push_back(share(channel));
          made = ++shared.made;
        }
        shared.on_made(made);
      }),
      new std::shared_ptr<Shared>(shared_),
      [](gpointer data, GClosure*) { delete static_cast<std::shared_ptr<Shared>*>(data); },
      static_cast<GConnectFlags>(0));
}

std::size_t ChannelUpkeep::made() const {
  std::lock_guard hold(shared_->mutex);
  return shared_->made;
}

void ChannelUpkeep::release() {
  std::vector<Ref<GstWebRTCDataChannel>> channels;
  {
    std::lock_guard hold(shared_->mutex);
    channels.swap(shared_->channels);
  }
}

}  // namespace rooms
