// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/data_channel.h"

#include <mutex>

namespace rooms {
namespace {

// What SCTP has not taken yet. A chat never comes near; a peer that stopped reading does.
constexpr guint64 kMaxBuffered = 4 << 20;

}  // namespace

/// webrtcbin's signals arrive on its threads, even while this is being torn down: they hold this,
/// never the channel.
struct DataChannel::Shared {
  explicit Shared(Executor& executor) : room(&executor) {}
  std::mutex mutex;
  Executor* room;       // under mutex; null once closed
  Callbacks callbacks;  // room thread

  void post(std::function<void(Callbacks&)> call, const std::shared_ptr<Shared>& self) {
    std::lock_guard hold(mutex);
    if (!room) return;
    room->post([self, call = std::move(call)] {
      auto copy = self->callbacks;  // a callback may let go of the channel, and so of itself
      call(copy);
    });
  }
};

namespace {

void unref_shared(gpointer data, GClosure* /*closure*/) {
  delete static_cast<std::shared_ptr<void>*>(data);
}

}  // namespace

DataChannel::DataChannel(Executor& room, Ref<GstWebRTCDataChannel> channel)
    : room_(room), channel_(std::move(channel)), shared_(std::make_shared<Shared>(room)) {
  connect_signals();
}

DataChannel::~DataChannel() {
  for (const auto handler : handlers_) g_signal_handler_disconnect(channel_.get(), handler);
  std::lock_guard hold(shared_->mutex);
  shared_->room = nullptr;
  shared_->callbacks = {};
}

void DataChannel::listen(Callbacks callbacks) {
  room_.assert_current();
  shared_->callbacks = std::move(callbacks);
}

void DataChannel::connect_signals() {
  const auto connect = [&](const char* signal, GCallback handler) {
    handlers_.push_back(g_signal_connect_data(channel_.get(), signal, handler,
                                              new std::shared_ptr<void>(shared_), unref_shared,
                                              static_cast<GConnectFlags>(0)));
  };
  // In each: `data` is the boxed shared_ptr of Shared.
  connect("on-open", G_CALLBACK(+[](GstWebRTCDataChannel*, gpointer data) {
            auto self =
                std::static_pointer_cast<Shared>(*static_cast<std::shared_ptr<void>*>(data));
            self->post(
                [](Callbacks& c) {
                  if (c.on_open) c.on_open();
                },
                self);
          }));
  connect("on-close", G_CALLBACK(+[](GstWebRTCDataChannel*, gpointer data) {
            auto self =
                std::static_pointer_cast<Shared>(*static_cast<std::shared_ptr<void>*>(data));
            self->post(
                [](Callbacks& c) {
                  if (c.on_close) c.on_close();
                },
                self);
          }));
  connect("on-message-string", G_CALLBACK(+[](GstWebRTCDataChannel*, gchar* text, gpointer data) {
            auto self =
                std::static_pointer_cast<Shared>(*static_cast<std::shared_ptr<void>*>(data));
            self->post(
                [copy = std::string(text ? text : "")](Callbacks& c) {
                  if (c.on_text) c.on_text(copy);
                },
                self);
          }));
  connect("on-message-data", G_CALLBACK(+[](GstWebRTCDataChannel*, GBytes* bytes, gpointer data) {
            auto self =
                std::static_pointer_cast<Shared>(*static_cast<std::shared_ptr<void>*>(data));
            gsize size = 0;
            const auto* start =
                bytes ? static_cast<const std::uint8_t*>(g_bytes_get_data(bytes, &size)) : nullptr;
            std::vector<std::uint8_t> copy(start, start + size);
            self->post(
                [copy = std::move(copy)](Callbacks& c) {
                  if (c.on_binary) c.on_binary(copy);
                },
                self);
          }));
}

DataChannelSettings DataChannel::settings() const {
  DataChannelSettings settings;
  gchar* label = nullptr;
  gboolean ordered = TRUE;
  g_object_get(channel_.get(), "label", &label, "ordered", &ordered, "max-retransmits",
               &settings.max_retransmits, "max-packet-lifetime", &settings.max_packet_lifetime,
               nullptr);
  settings.label = label ? label : "";
  settings.ordered = ordered;
  g_free(label);
  return settings;
}

bool DataChannel::is_open() const {
  GstWebRTCDataChannelState state = GST_WEBRTC_DATA_CHANNEL_STATE_CLOSED;
  g_object_get(channel_.get(), "ready-state", &state, nullptr);
  return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
}

bool DataChannel::has_room() const {
  guint64 buffered = 0;
  g_object_get(channel_.get(), "buffered-amount", &buffered, nullptr);
  return buffered < kMaxBuffered;
}

bool DataChannel::send_text(const std::string& text) {
  if (!is_open() || !has_room()) return false;
  gst_webrtc_data_channel_send_string(channel_.get(), text.c_str());
  return true;
}

bool DataChannel::send_binary(Bytes data) {
  if (!is_open() || !has_room()) return false;
  auto bytes = adopt(g_bytes_new(data.data(), data.size()));
  gst_webrtc_data_channel_send_data(channel_.get(), bytes.get());
  return true;
}

}  // namespace rooms
