// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace rooms {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

SocketAddress SocketAddress::v4(const std::array<std::uint8_t, 4>& address, std::uint16_t port) {
  SocketAddress result;
  std::copy(address.begin(), address.end(), result.bytes_.begin());
  result.port_ = port;
  result.family_ = 4;
  return result;
}

SocketAddress SocketAddress::v6(const std::array<std::uint8_t, 16>& address, std::uint16_t port,
                                std::uint32_t scope) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
    return v4({address[12], address[13], address[14], address[15]}, port);
  }
  SocketAddress result;
  result.bytes_ = address;
  result.scope_ = scope;
  result.port_ = port;
  result.family_ = 6;
  return result;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view address, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.size() >= text.size() || address.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(address.begin(), address.end(), text.begin());
  std::array<std::uint8_t, 4> four;
  if (inet_pton(AF_INET, text.data(), four.data()) == 1) return v4(four, port);
  std::array<std::uint8_t, 16> six;
  if (inet_pton(AF_INET6, text.data(), six.data()) == 1) return v6(six, port);
  return std::nullopt;
}

SocketAddress SocketAddress::from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &storage, sizeof(in));
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    return v4(bytes, ntohs(in.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in6;
    std::memcpy(&in6, &storage, sizeof(in6));
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
    return v6(bytes, ntohs(in6.sin6_port), in6.sin6_scope_id);
  }
  return {};
}

std::size_t SocketAddress::to_sockaddr(sockaddr_storage& storage, bool for_v6_socket) const {
  if (!valid()) return 0;
  if (is_v4() && !for_v6_socket) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port_);
    std::memcpy(&in.sin_addr, bytes_.data(), 4);
    std::memcpy(&storage, &in, sizeof(in));
    return sizeof(in);
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port_);
  if (is_v4()) {
    std::memcpy(&in6.sin6_addr, kMappedPrefix.data(), kMappedPrefix.size());
    std::memcpy(in6.sin6_addr.s6_addr + kMappedPrefix.size(), bytes_.data(), 4);
  } else {
    std::memcpy(&in6.sin6_addr, bytes_.data(), bytes_.size());
    in6.sin6_scope_id = scope_;
  }
  std::memcpy(&storage, &in6, sizeof(in6));
  return sizeof(in6);
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress result = *this;
  result.port_ = port;
  return result;
}

std::string SocketAddress::host() const {
  if (!valid()) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::string SocketAddress::text() const {
  if (!valid()) return {};
  std::string result = is_v6() ? "[" : "";
  result.append(host()).append(is_v6() ? "]:" : ":").append(std::to_string(port_));
  return result;
}

std::size_t SocketAddress::hash() const {
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), bytes_.data(), sizeof(words));
  std::uint64_t value = words[0] ^ (std::uint64_t{port_} << 48) ^ family_;
  for (std::uint64_t word : {words[1], std::uint64_t{scope_}}) {
    value = (value ^ (value >> 32)) * 0x9E3779B97F4A7C15U + word;
  }
  value = (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9U;
  return value ^ (value >> 32);
}

}  // namespace rooms
