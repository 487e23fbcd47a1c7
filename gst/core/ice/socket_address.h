// SPDX-License-Identifier: LGPL-2.1-or-later
// An IPv4 or IPv6 address with a port: a small value to compare, hash and print.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gst/core/bytes.h"

struct sockaddr_storage;

namespace rooms {

class SocketAddress {
 public:
  /// No address: valid() is false.
  SocketAddress() = default;
  static SocketAddress v4(const std::array<std::uint8_t, 4>& address, std::uint16_t port);
  static SocketAddress v6(const std::array<std::uint8_t, 16>& address, std::uint16_t port,
                          std::uint32_t scope = 0);
  /// "192.0.2.1" or "2001:db8::1" (no brackets, no names).
  static std::optional<SocketAddress> parse(std::string_view address, std::uint16_t port);
  /// IPv4 mapped into IPv6 (what a dual-stack socket reports) becomes plain IPv4, so that one peer
  /// has one address.
  static SocketAddress from_sockaddr(const sockaddr_storage& storage);

  /// Writes a sockaddr for a socket of family AF_INET6 if `for_v6_socket` (IPv4 gets mapped), else
  /// of its own family. Returns its length; 0 when there is no address.
  std::size_t to_sockaddr(sockaddr_storage& storage, bool for_v6_socket = false) const;

  [[nodiscard]] bool valid() const { return family_ != 0; }
  [[nodiscard]] bool is_v4() const { return family_ == 4; }
  [[nodiscard]] bool is_v6() const { return family_ == 6; }
  /// 4 or 16 bytes in network order; empty when there is no address.
  [[nodiscard]] Bytes address() const { return {bytes_.data(), is_v4() ? 4U : is_v6() ? 16U : 0U}; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] SocketAddress with_port(std::uint16_t port) const;
  /// "192.0.2.1" without the port.
  [[nodiscard]] std::string host() const;
  /// "192.0.2.1:4000", "[2001:db8::1]:4000"
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::size_t hash() const;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint32_t scope_ = 0;
  std::uint16_t port_ = 0;
  std::uint8_t family_ = 0;
};
static_assert(sizeof(SocketAddress) <= 28);

}  // namespace rooms

template <>
struct std::hash<rooms::SocketAddress> {
  std::size_t operator()(const rooms::SocketAddress& address) const noexcept {
    return address.hash();
  }
};
