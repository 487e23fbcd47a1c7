// SPDX-License-Identifier: LGPL-2.1-or-later
// What waits to be sent on one WebSocket. libsoup queues without limit, so it only ever gets what
// the kernel is ready to take; the rest waits here, where it is counted.
#pragma once

#include <libsoup/soup.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "gst/glue/ref.h"

namespace rooms {

class Outbox {
 public:
  /// More than this waiting means that the client does not read.
  static constexpr std::size_t kMostWaiting = 2 * 1024 * 1024;

  Outbox(Ref<SoupWebsocketConnection> connection, GSocket* socket);
  ~Outbox() { stop(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// False: too much waits already; the text is not taken.
  [[nodiscard]] bool push(std::string text);
  /// Closes the connection when all before has been sent. Nothing can be pushed after it.
  void close_after(unsigned short code, std::string reason);
  /// Nothing is sent any more.
  void stop();

 private:
  void watch();
  gboolean flush();

  Ref<SoupWebsocketConnection> connection_;
  Ref<GSocket> socket_;
  Ref<GSource> writable_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::optional<std::pair<unsigned short, std::string>> close_;
};

}  // namespace rooms
