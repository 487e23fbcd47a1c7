// SPDX-License-Identifier: LGPL-2.1-or-later
// Accepts TCP connections for the HTTP server and bounds them: how many there are, and how long one
// may be silent.
#pragma once

#include <gio/gio.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/core/result.h"
#include "gst/glue/ref.h"

namespace rooms {

class Listener {
 public:
  struct Settings {
    std::string host;
    std::uint16_t port = 0;  ///< 0: any free one
    unsigned max_sockets = 4096;
    std::string tls_cert;  ///< with tls_key: every connection is TLS
    std::string tls_key;
  };
  struct Accepted {
    Ref<GIOStream> stream;
    Ref<GSocketAddress> local;
    Ref<GSocketAddress> remote;
    Ref<GSocket> socket;  ///< below the stream
  };

  /// Errors: "listen" (names cause and cure), "tls".
  static Result<std::unique_ptr<Listener>> open(const Settings& settings,
                                                std::function<void(Accepted)> on_connection);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] unsigned socket_count() const { return *count_; }
  [[nodiscard]] std::uint64_t refused_count() const { return refused_; }

 private:
  Listener(const Settings& settings, std::function<void(Accepted)> on_connection);
  Status bind(const Settings& settings);
  Status load_certificate(const Settings& settings);
  void accept(GSocketConnection* connection);

  Ref<GSocketService> service_;
  Ref<GTlsCertificate> certificate_;
  std::function<void(Accepted)> on_connection_;
  std::uint16_t port_ = 0;
  unsigned max_sockets_;
  std::shared_ptr<unsigned> count_ = std::make_shared<unsigned>(0);  ///< outlives us in connections
  std::uint64_t refused_ = 0;
};

}  // namespace rooms
