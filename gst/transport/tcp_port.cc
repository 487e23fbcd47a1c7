// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/tcp_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace rooms {
namespace {

constexpr int kBacklog = 512;

Error cannot_listen(std::uint16_t port, int cause) {
  const std::string number = std::to_string(port);
  return {cause == EADDRINUSE ? "tcp-port-taken" : "tcp-port",
          "Cannot listen on TCP port " + number + ": " + std::strerror(cause) +
              ". See who has it with `ss -tlpn 'sport = :" + number +
              "'`, choose another number with --udp-port (media over UDP and TCP share it), or do "
              "without media over TCP: --ice-tcp off."};
}

}  // namespace

TcpListener::~TcpListener() {
  if (fd_ >= 0) ::close(fd_);
}

Result<TcpListener> TcpListener::listen(int family, std::uint16_t port) {
  TcpListener listener(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (listener.fd_ < 0) return cannot_listen(port, errno);
  const int on = 1;
  // Connections of the last run that are in TIME_WAIT do not stop us; another listener does.
  setsockopt(listener.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  const bool is_v6 = family == AF_INET6;
  if (is_v6) setsockopt(listener.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const auto* address = is_v6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  if (::bind(listener.fd_, address, is_v6 ? sizeof v6 : sizeof v4) != 0 ||
      ::listen(listener.fd_, kBacklog) != 0)
    return cannot_listen(port, errno);
  return listener;
}

Status TcpPort::open(std::uint16_t port) {
  auto ipv4 = TcpListener::listen(AF_INET, port);
  if (!ipv4) return ipv4.error();
  auto ipv6 = TcpListener::listen(AF_INET6, port);
  // A machine without IPv6 is fine. One where another program answers there is not: clients would
  // be sent to it.
  if (!ipv6 && ipv6.error().code == "tcp-port-taken") return ipv6.error();
  ipv4_ = std::move(*ipv4);
  if (ipv6) ipv6_ = std::move(*ipv6);
  return Done{};
}

}  // namespace rooms
