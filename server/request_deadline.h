// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a client may take to send one request: its line, its headers, its body. Against those
// who send a byte now and then to keep the connection (slowloris). Server thread.
#pragma once

#include <libsoup/soup.h>

#include <cstdint>
#include <map>
#include <optional>

#include "gst/core/time.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"

namespace rooms {

class RequestDeadline {
 public:
  /// From the connection's first moment, its TLS handshake included, or from a further request's
  /// first byte.
  static constexpr Duration kLongest = std::chrono::seconds(20);

  explicit RequestDeadline(SoupServer* server);
  ~RequestDeadline();
  RequestDeadline(const RequestDeadline&) = delete;
  RequestDeadline& operator=(const RequestDeadline&) = delete;

  /// Of a new connection. `remote`: the object that the server is given as its address.
  void watch(GSocket* socket, GSocketAddress* remote);
  /// Connections that were closed for being too slow.
  [[nodiscard]] std::uint64_t missed_count() const { return missed_; }

 private:
  struct Connection {
    Ref<GSocketAddress> address;  ///< so that no other gets its pointer
    Ref<GSocket> socket;
    std::optional<Timestamp> due;
  };
  void set(SoupServerMessage* message, std::optional<Timestamp> due);
  void sweep();

  SoupServer* server_;
  std::map<GSocketAddress*, Connection> connections_;
  std::uint64_t missed_ = 0;
  DelayedCall sweeping_;
};

}  // namespace rooms
