// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/outbox.h"

namespace rooms {
namespace {

/// Given to libsoup in one round; it writes before we are asked again, for its sources have the
/// higher priority.
constexpr std::size_t kRound = 64 * 1024;

}  // namespace

Outbox::Outbox(Ref<SoupWebsocketConnection> connection, GSocket* socket)
    : connection_(std::move(connection)), socket_(share(socket)) {}

bool Outbox::push(std::string text) {
  if (close_) return true;
  if (waiting_bytes_ + text.size() > kMostWaiting) return false;
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  watch();
  return true;
}

void Outbox::close_after(unsigned short code, std::string reason) {
  if (close_) return;
  close_.emplace(code, std::move(reason));
  watch();
}

void Outbox::stop() {
  if (writable_) g_source_destroy(writable_.get());
  writable_ = nullptr;
  waiting_.clear();
}

void Outbox::watch() {
  if (writable_ || g_socket_is_closed(socket_.get())) return;
  writable_ = adopt(g_socket_create_source(socket_.get(), G_IO_OUT, nullptr));
  g_source_set_priority(writable_.get(), G_PRIORITY_DEFAULT + 1);
  const GSocketSourceFunc flush_it = [](GSocket*, GIOCondition, gpointer self) {
    return static_cast<Outbox*>(self)->flush();
  };
  g_source_set_callback(writable_.get(), G_SOURCE_FUNC(flush_it), this, nullptr);
  g_source_attach(writable_.get(), nullptr);
}

gboolean Outbox::flush() {
  const bool open =
      soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN;
  std::size_t sent = 0;
  while (open && !waiting_.empty() && sent < kRound) {
    sent += waiting_.front().size();
    waiting_bytes_ -= waiting_.front().size();
    soup_websocket_connection_send_text(connection_.get(), waiting_.front().c_str());
    waiting_.pop_front();
  }
  if (open && !waiting_.empty()) return G_SOURCE_CONTINUE;
  writable_ = nullptr;
  // May end in our destruction: the socket's "closed" handler lets go of us.
  const auto connection = connection_;
  if (close_ && open) {
    soup_websocket_connection_close(connection.get(), close_->first, close_->second.c_str());
  }
  return G_SOURCE_REMOVE;
}

}  // namespace rooms
