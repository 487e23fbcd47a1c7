// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/request_deadline.h"

#include "server/server_thread.h"

namespace rooms {

RequestDeadline::RequestDeadline(SoupServer* server) : server_(server) {
  using Handler = void (*)(SoupServer*, SoupServerMessage*, gpointer);
  const Handler on_started = [](SoupServer*, SoupServerMessage* message, gpointer self) {
    static_cast<RequestDeadline*>(self)->set(message, server_thread::now() + kLongest);
  };
  const Handler on_read = [](SoupServer*, SoupServerMessage* message, gpointer self) {
    static_cast<RequestDeadline*>(self)->set(message, std::nullopt);
  };
  g_signal_connect(server, "request-started", G_CALLBACK(on_started), this);
  g_signal_connect(server, "request-read", G_CALLBACK(on_read), this);
  sweeping_ = server_thread::call_every(std::chrono::seconds(1), [this] { sweep(); });
}

RequestDeadline::~RequestDeadline() { g_signal_handlers_disconnect_by_data(server_, this); }

void RequestDeadline::watch(GSocket* socket, GSocketAddress* remote) {
  connections_[remote] = {share(remote), share(socket), server_thread::now() + kLongest};
}

void RequestDeadline::set(SoupServerMessage* message, std::optional<Timestamp> due) {
  const auto found = connections_.find(soup_server_message_get_remote_address(message));
  if (found == connections_.end()) return;
  // libsoup calls a request started as soon as it waits for one: the first one's clock runs
  // already.
  if (due && found->second.due) return;
  found->second.due = due;
}

void RequestDeadline::sweep() {
  const auto now = server_thread::now();
  std::erase_if(connections_,
                [](const auto& one) { return g_socket_is_closed(one.second.socket.get()); });
  for (auto& [key, connection] : connections_) {
    if (!connection.due || now < *connection.due) continue;
    connection.due.reset();
    ++missed_;
    // Whoever reads it sees it end, and closes it.
    g_socket_shutdown(connection.socket.get(), TRUE, TRUE, nullptr);
  }
}

}  // namespace rooms
