// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/websocket_route.h"

#include <vector>

#include "server/log.h"
#include "server/server_thread.h"
#include "server/websocket_line.h"

namespace rooms {
namespace {

/// libsoup hands out a stream of its own around the socket's, and TLS is one more around it. (The
/// message would know the socket, but it has given its connection away when the handler runs.)
Ref<GSocket> socket_below(GIOStream* outermost) {
  auto stream = share(outermost);
  while (stream && !G_IS_SOCKET_CONNECTION(stream.get())) {
    GIOStream* inner = nullptr;
    const char* wrapped = G_IS_TLS_CONNECTION(stream.get()) ? "base-io-stream" : "base-iostream";
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(stream.get()), wrapped))
      g_object_get(stream.get(), wrapped, &inner, nullptr);
    stream = adopt(inner);
  }
  if (!stream) return nullptr;
  return share(g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream.get())));
}

}  // namespace

WebSocketRoute::WebSocketRoute(SoupServer* server, SessionTable& sessions)
    : server_(server), sessions_(sessions) {
  // Compression would let a small frame become a large message after its size was checked.
  soup_server_remove_websocket_extension(server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  const SoupServerWebsocketCallback on_open =
      [](SoupServer*, SoupServerMessage*, const char*, SoupWebsocketConnection* connection,
         gpointer self) { static_cast<WebSocketRoute*>(self)->open(connection); };
  soup_server_add_websocket_handler(server, "/ws", nullptr, nullptr, on_open, this, nullptr);
  sweeping_ = server_thread::call_every(std::chrono::seconds(1), [this] { sweep(); });
}

WebSocketRoute::~WebSocketRoute() { soup_server_remove_handler(server_, "/ws"); }

void WebSocketRoute::open(SoupWebsocketConnection* connection) {
  const auto socket = socket_below(soup_websocket_connection_get_io_stream(connection));
  if (!socket) return;
  lines_.insert(std::make_shared<WebSocketLine>(
      connection, socket.get(), sessions_,
      [this](const std::shared_ptr<WebSocketLine>& line) { drop(line); }));
}

void WebSocketRoute::drop(const std::shared_ptr<WebSocketLine>& line) {
  deaf_ += line->is_deaf() ? 1 : 0;
  lines_.erase(line);
}

void WebSocketRoute::sweep() {
  const auto now = server_thread::now();
  const std::vector<std::shared_ptr<WebSocketLine>> all(lines_.begin(), lines_.end());
  for (const auto& line : all) line->check(now);
}

}  // namespace rooms
