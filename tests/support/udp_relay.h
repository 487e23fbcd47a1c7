// SPDX-License-Identifier: LGPL-2.1-or-later
// A relay for UDP between clients and a server, on which each direction is a DatagramPath that may
// change while datagrams pass. Every client has a socket of its own towards the server, which so
// sees as many addresses as there are clients; all of them share the two paths, as hosts share a
// line. Has a thread; all of its functions may be called from any.
#pragma once

#include <memory>
#include <thread>

#include "gst/core/guarded.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/result.h"
#include "tests/support/path_settings.h"

namespace rooms::test {

class UdpRelay {
 public:
  struct Settings {
    SocketAddress listen;  ///< port 0: any free one
    SocketAddress target;
    /// So many ports from that of `listen` on lead to as many from that of `target` on.
    unsigned ports = 1;
    PathPlan up;    ///< towards the target
    PathPlan down;  ///< back to the clients
    std::uint64_t seed = 1;
  };
  struct Paths;  ///< both directions and the randomness they share

  /// Error: "relay-port" when it cannot listen.
  static Result<std::unique_ptr<UdpRelay>> start(const Settings& settings);
  ~UdpRelay();
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  /// Where clients send to; the first of the ports.
  [[nodiscard]] SocketAddress address() const { return address_; }
  void change(Direction direction, const PathPlan& plan);
  [[nodiscard]] PathPlan plan(Direction direction) const;
  [[nodiscard]] DatagramPath::Counters counters(Direction direction) const;
  /// Clients that are kept apart now; one that is silent for a minute is forgotten.
  [[nodiscard]] std::size_t clients() const;
  /// Datagrams of clients beyond the 1024th, or beyond 64 MiB that wait.
  [[nodiscard]] std::uint64_t refused() const;

 private:
  class Loop;
  UdpRelay();

  SocketAddress address_;
  std::unique_ptr<Guarded<Paths>> paths_;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace rooms::test
