// SPDX-License-Identifier: LGPL-2.1-or-later
// How many TCP connections may be open that nobody has authenticated yet: in all, and from one
// source. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "gst/core/ice/socket_address.h"

namespace rooms {

class UnclaimedLimit {
 public:
  struct Config {
    std::size_t total = 1024;
    std::uint32_t per_source = 32;  ///< many people may share one address (NAT)
  };
  enum class Verdict : std::uint8_t { kAdmitted, kTooMany, kTooManyOfSource };

  explicit UnclaimedLimit(const Config& config) : config_(config) {}

  /// A source is an IPv4 address or a /64 of IPv6, whatever the port.
  Verdict admit(const SocketAddress& from);
  /// A connection that was admitted has been claimed by a peer, or is closed.
  void leave(const SocketAddress& from);
  [[nodiscard]] std::size_t total() const { return total_; }

 private:
  Config config_;
  std::size_t total_ = 0;
  std::unordered_map<SocketAddress, std::uint32_t> sources_;
};

}  // namespace rooms
