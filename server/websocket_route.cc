// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/websocket_route.h"

#include <vector>

#include "server/server_thread.h"
#include "server/websocket_line.h"

namespace rooms {

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
  // The message has given its connection away by now, so its own socket is null.
  GIOStream* stream = soup_websocket_connection_get_io_stream(connection);
  GIOStream* base = stream;
  if (G_IS_TLS_CONNECTION(stream)) g_object_get(stream, "base-io-stream", &base, nullptr);
  const auto owned = G_IS_TLS_CONNECTION(stream) ? adopt(base) : share(base);
  if (!G_IS_SOCKET_CONNECTION(base)) return;
  GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(base));
  lines_.insert(std::make_shared<WebSocketLine>(
      connection, socket, sessions_,
      [this](const std::shared_ptr<WebSocketLine>& line) { drop(line); }));
}

void WebSocketRoute::sweep() {
  const auto now = server_thread::now();
  const std::vector<std::shared_ptr<WebSocketLine>> all(lines_.begin(), lines_.end());
  for (const auto& line : all) line->check(now);
}

}  // namespace rooms
