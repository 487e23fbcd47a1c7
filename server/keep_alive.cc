// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/keep_alive.h"

#include <sys/socket.h>

#include <string>

#include "gst/glue/ref.h"
#include "server/log.h"

namespace rooms {
namespace {

/// What libsoup does anyway, and does not say (RFC 9112 9.6).
void announce_close(SoupServer* /*server*/, SoupServerMessage* message, gpointer /*data*/) {
  auto* request = soup_server_message_get_request_headers(message);
  auto* response = soup_server_message_get_response_headers(message);
  // A WebSocket's answer has a Connection header of its own.
  if (soup_message_headers_get_one(request, "Upgrade")) return;
  soup_message_headers_replace(response, "Connection", "close");
}

}  // namespace

void keep_connections_alive(SoupServer* server) {
  // Before 3.3 libsoup never closes a connection that its client leaves between two requests.
  if (!soup_check_version(3, 3, 0)) {
    g_signal_connect(server, "request-read", G_CALLBACK(announce_close), nullptr);
    return;
  }
  // An address of nothing but its family: Linux picks a free abstract name (unix(7), autobind).
  sa_family_t family = AF_UNIX;
  const auto address = adopt(g_socket_address_new_from_native(&family, sizeof family));
  GError* problem = nullptr;
  const auto socket = adopt(g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                         G_SOCKET_PROTOCOL_DEFAULT, &problem));
  const bool listens = socket && g_socket_bind(socket.get(), address.get(), FALSE, &problem) &&
                       g_socket_listen(socket.get(), &problem) &&
                       soup_server_listen_socket(server, socket.get(),
                                                 static_cast<SoupServerListenOptions>(0), &problem);
  if (listens) return;
  log_warning("connections are closed after each request: " +
              std::string(problem ? problem->message : "no listener"));
  g_clear_error(&problem);
}

}  // namespace rooms
