// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/websocket_line.h"

#include "server/log.h"
#include "server/replies.h"
#include "server/requests.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

constexpr Duration kTimeToJoin = std::chrono::seconds(60);
constexpr unsigned short kPolicyViolation = 1008;
constexpr unsigned short kTooBig = 1009;
/// libsoup drops the connection of whoever sends more than this, before a close code gets through.
/// What is between this and the limit is read, so that the close code is.
constexpr guint64 kReadOn = 4 * kLongestMessage;

std::string host_of(GSocket* socket) {
  const auto remote = adopt(g_socket_get_remote_address(socket, nullptr));
  if (!remote || !G_IS_INET_SOCKET_ADDRESS(remote.get())) return {};
  auto* address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote.get()));
  return own(g_inet_address_to_string(address)).get();
}

}  // namespace

WebSocketLine::WebSocketLine(SoupWebsocketConnection* connection, GSocket* socket,
                             SessionTable& sessions, Closed on_closed)
    : connection_(share(connection)),
      socket_(share(socket)),
      host_(host_of(socket)),
      outbox_(share(connection), socket),
      conversation_(sessions),
      liveness_(server_thread::now()),
      opened_(server_thread::now()),
      on_closed_(std::move(on_closed)) {
  soup_websocket_connection_set_max_incoming_payload_size(connection, kReadOn);
  soup_websocket_connection_set_keepalive_interval(
      connection,
      static_cast<guint>(
          std::chrono::duration_cast<std::chrono::seconds>(Liveness::kPingInterval).count()));
  const auto on_message =
      +[](SoupWebsocketConnection*, SoupWebsocketDataType type, GBytes* message, gpointer self) {
        static_cast<WebSocketLine*>(self)->hear(type, message);
      };
  const auto on_pong = +[](SoupWebsocketConnection*, GBytes*, gpointer self) {
    static_cast<WebSocketLine*>(self)->liveness_.observe(server_thread::now());
  };
  const auto on_end =
      +[](SoupWebsocketConnection*, gpointer self) { static_cast<WebSocketLine*>(self)->closed(); };
  // From here on libsoup closes the socket, on which a source of ours must not be left.
  const auto on_state = +[](SoupWebsocketConnection* changed, GParamSpec*, gpointer self) {
    if (soup_websocket_connection_get_state(changed) != SOUP_WEBSOCKET_STATE_OPEN) {
      static_cast<WebSocketLine*>(self)->outbox_.stop();
    }
  };
  g_signal_connect(connection, "notify::state", G_CALLBACK(on_state), this);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), this);
  g_signal_connect(connection, "pong", G_CALLBACK(on_pong), this);
  g_signal_connect(connection, "closed", G_CALLBACK(on_end), this);
}

WebSocketLine::~WebSocketLine() { g_signal_handlers_disconnect_by_data(connection_.get(), this); }

void WebSocketLine::hear(SoupWebsocketDataType type, GBytes* message) {
  if (is_closed_) return;
  liveness_.observe(server_thread::now());
  gsize length = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(message, &length));
  if (length > kLongestMessage) return hang_up(kTooBig, "a message may have at most 256 KiB");
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    return send(
        error_message({}, {"bad-json", "Messages are JSON in text frames; this one is binary."}));
  }
  const auto self = shared_from_this();
  conversation_.hear(self, {text, length});
}

void WebSocketLine::send(std::string text) {
  if (is_closed_ || outbox_.push(std::move(text))) return;
  is_deaf_ = true;
  log_warning("a client does not read what it is sent: its socket is closed");
  // Not now: the sender is in the middle of something that closing would pull away from under it.
  server_thread::post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->cut("does not read");
  });
}

void WebSocketLine::hang_up(unsigned short code, const std::string& reason) {
  if (!is_closed_) outbox_.close_after(code, reason.substr(0, 120));
}

bool WebSocketLine::alive() const {
  return !is_closed_ && !liveness_.lost(server_thread::now()) &&
         soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN;
}

void WebSocketLine::check(Timestamp now) {
  if (liveness_.lost(now)) return cut("silent");
  if (!conversation_.joined() && now - opened_ > kTimeToJoin) {
    hang_up(kPolicyViolation, "join within a minute");
  }
}

/// Without the closing handshake, which the other end would not answer.
void WebSocketLine::cut(const char* why) {
  if (is_closed_) return;
  log_debug(std::string("cutting a socket: ") + why);
  const auto self = shared_from_this();
  g_socket_shutdown(socket_.get(), TRUE, TRUE, nullptr);
  closed();
}

void WebSocketLine::closed() {
  if (std::exchange(is_closed_, true)) return;
  const auto self = shared_from_this();
  outbox_.stop();
  conversation_.line_lost(this, liveness_.time_to_resume(server_thread::now()));
  on_closed_(self);
}

}  // namespace rooms
