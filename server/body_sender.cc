// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/body_sender.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::uint64_t kPiece = 256 << 10;

/// Owns itself: gone when the message has finished and no read is under way.
class BodySender {
 public:
  BodySender(Ref<SoupServerMessage> message, Ref<GInputStream> stream, std::uint64_t length)
      : message_(std::move(message)),
        stream_(std::move(stream)),
        cancellable_(adopt(g_cancellable_new())),
        left_(length) {
    soup_message_body_set_accumulate(body(), FALSE);
    const auto on_written =
        +[](SoupServerMessage*, gpointer self) { static_cast<BodySender*>(self)->read(); };
    const auto on_gone =
        +[](SoupServerMessage*, gpointer self) { static_cast<BodySender*>(self)->end(); };
    g_signal_connect(message_.get(), "wrote-headers", G_CALLBACK(on_written), this);
    g_signal_connect(message_.get(), "wrote-chunk", G_CALLBACK(on_written), this);
    g_signal_connect(message_.get(), "finished", G_CALLBACK(on_gone), this);
    g_signal_connect(message_.get(), "disconnected", G_CALLBACK(on_gone), this);
  }

 private:
  [[nodiscard]] SoupMessageBody* body() const {
    return soup_server_message_get_response_body(message_.get());
  }

  void read() {
    if (reading_ || ended_ || left_ == 0) return;
    reading_ = true;
    soup_server_message_pause(message_.get());
    g_input_stream_read_bytes_async(
        stream_.get(), std::min(left_, kPiece), G_PRIORITY_DEFAULT, cancellable_.get(),
        [](GObject*, GAsyncResult* result, gpointer self) {
          static_cast<BodySender*>(self)->take(result);
        },
        this);
  }

  void take(GAsyncResult* result) {
    reading_ = false;
    const auto piece = adopt(g_input_stream_read_bytes_finish(stream_.get(), result, nullptr));
    if (ended_) {
      delete this;
      return;
    }
    const auto size = piece ? g_bytes_get_size(piece.get()) : 0;
    if (size == 0) return cut();
    left_ -= size;
    soup_message_body_append_bytes(body(), piece.get());
    if (left_ == 0) soup_message_body_complete(body());
    soup_server_message_unpause(message_.get());
  }

  void cut() {
    left_ = 0;
    GSocket* socket = soup_server_message_get_socket(message_.get());
    if (socket) g_socket_shutdown(socket, TRUE, TRUE, nullptr);
    soup_server_message_unpause(message_.get());
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    g_signal_handlers_disconnect_by_data(message_.get(), this);
    g_cancellable_cancel(cancellable_.get());
    if (!reading_) delete this;
  }

  Ref<SoupServerMessage> message_;
  Ref<GInputStream> stream_;
  Ref<GCancellable> cancellable_;
  std::uint64_t left_;
  bool reading_ = false;
  bool ended_ = false;
};

}  // namespace

void send_stream(const Ref<SoupServerMessage>& message, Ref<GInputStream> stream,
                 std::uint64_t length) {
  new BodySender(message, std::move(stream), length);
}

}  // namespace rooms
