// SPDX-License-Identifier: LGPL-2.1-or-later
// One WebSocket as the line of a conversation. Server thread.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/glue/ref.h"
#include "server/conversation.h"
#include "server/liveness.h"
#include "server/outbox.h"
#include "server/session.h"

namespace rooms {

class WebSocketLine : public Line, public std::enable_shared_from_this<WebSocketLine> {
 public:
  using Closed = std::function<void(const std::shared_ptr<WebSocketLine>&)>;

  /// `on_closed` is called once; nothing happens on the line after it.
  WebSocketLine(SoupWebsocketConnection* connection, GSocket* socket, SessionTable& sessions,
                Closed on_closed);
  ~WebSocketLine() override;
  WebSocketLine(const WebSocketLine&) = delete;
  WebSocketLine& operator=(const WebSocketLine&) = delete;

  void send(std::string text) override;
  void hang_up(unsigned short code, const std::string& reason) override;
  [[nodiscard]] bool alive() const override;
  [[nodiscard]] const std::string& host() const override { return host_; }
  /// Whether so much waited that nobody seems to read.
  [[nodiscard]] bool is_deaf() const { return is_deaf_; }

  /// Once a second: gives the line up when it has been silent, or has joined nothing, for too long.
  void check(Timestamp now);

 private:
  void hear(SoupWebsocketDataType type, GBytes* message);
  void closed();
  void cut(const char* why);

  Ref<SoupWebsocketConnection> connection_;
  Ref<GSocket> socket_;
  std::string host_;
  Outbox outbox_;
  Conversation conversation_;
  Liveness liveness_;
  Timestamp opened_;
  Closed on_closed_;
  bool is_closed_ = false;
  bool is_deaf_ = false;
};

}  // namespace rooms
