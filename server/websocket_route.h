// SPDX-License-Identifier: LGPL-2.1-or-later
// `/ws`: the sockets on which conversations are held. Pings them, gives up the silent, closes the
// slow.
#pragma once

#include <libsoup/soup.h>

#include <memory>
#include <unordered_set>

#include "gst/glue/executor.h"

namespace rooms {

class SessionTable;
class WebSocketLine;

class WebSocketRoute {
 public:
  WebSocketRoute(SoupServer* server, SessionTable& sessions);
  ~WebSocketRoute();
  WebSocketRoute(const WebSocketRoute&) = delete;
  WebSocketRoute& operator=(const WebSocketRoute&) = delete;

  [[nodiscard]] std::size_t socket_count() const { return lines_.size(); }
  /// Closed so far because their clients did not read.
  [[nodiscard]] std::uint64_t deaf_count() const { return deaf_; }

 private:
  friend class WebSocketLine;
  void open(SoupWebsocketConnection* connection);
  void sweep();
  void drop(const std::shared_ptr<WebSocketLine>& line);

  SoupServer* server_;
  SessionTable& sessions_;
  std::unordered_set<std::shared_ptr<WebSocketLine>> lines_;
  std::uint64_t deaf_ = 0;
  DelayedCall sweeping_;
};

}  // namespace rooms
