// SPDX-License-Identifier: LGPL-2.1-or-later
// One bound, non-blocking UDP socket.
#pragma once

#include <cstdint>
#include <utility>

#include "gst/core/result.h"

namespace rooms {

class UdpSocket {
 public:
  UdpSocket() = default;
  UdpSocket(UdpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UdpSocket& operator=(UdpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UdpSocket();

  /// Binds to all addresses of `family` (AF_INET or AF_INET6, the latter without mapped IPv4). Port
  /// 0: the kernel's choice. Error "udp-port" names the cause and what to do. `shared`: several
  /// sockets of this process have the port, and the kernel spreads peers over them (SO_REUSEPORT).
  static Result<UdpSocket> bind(int family, std::uint16_t port, bool shared);

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint16_t port() const;
  /// What the kernel granted, which may be less than we asked for (net.core.rmem_max).
  [[nodiscard]] int receive_buffer() const;
  [[nodiscard]] int send_buffer() const;

 private:
  explicit UdpSocket(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace rooms
