// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/udp_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace rooms {
namespace {

// A key frame to a few hundred subscribers leaves in one burst; the default of 208 KiB holds 90
// datagrams.
constexpr int kBufferBytes = 4 << 20;

void set(int fd, int level, int option, int value) {
  // Best effort: what was granted is read back and shown in the statistics.
  (void)setsockopt(fd, level, option, &value, sizeof value);
}

void ask_for_buffers(int fd) {
  set(fd, SOL_SOCKET, SO_RCVBUF, kBufferBytes);
  set(fd, SOL_SOCKET, SO_SNDBUF, kBufferBytes);
  // As root these pass the limits that the two above stop at.
  set(fd, SOL_SOCKET, SO_RCVBUFFORCE, kBufferBytes);
  set(fd, SOL_SOCKET, SO_SNDBUFFORCE, kBufferBytes);
}

int option(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : 0;
}

Error cannot(const char* what, std::uint16_t port) {
  const std::string number = std::to_string(port);
  return {errno == EADDRINUSE ? "udp-port-taken" : "udp-port",
          "Cannot " + std::string(what) + " UDP port " + number + ": " + std::strerror(errno) +
              ". See who has it with `ss -ulpn 'sport = :" + number +
              "'`, or choose another one with --udp-port."};
}

}  // namespace

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<UdpSocket> UdpSocket::bind(int family, std::uint16_t port, bool shared) {
  UdpSocket socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return cannot("open a socket for", port);

  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(port);
  if (family == AF_INET6) set(socket.fd_, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (shared) set(socket.fd_, SOL_SOCKET, SO_REUSEPORT, 1);
  // DF, so that the kernel need not draw an IP identification for each datagram, and so that
  // nothing is fragmented.
  set(socket.fd_, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
      family == AF_INET6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  ask_for_buffers(socket.fd_);
  const auto* address =
      family == AF_INET6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  const socklen_t length = family == AF_INET6 ? sizeof v6 : sizeof v4;
  if (::bind(socket.fd_, address, length) != 0) return cannot("bind", port);
  return socket;
}

std::uint16_t UdpSocket::port() const {
  sockaddr_in6 address{};
  socklen_t length = sizeof address;
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin6_port);  // same place in sockaddr_in
}

int UdpSocket::receive_buffer() const { return option(fd_, SO_RCVBUF); }
int UdpSocket::send_buffer() const { return option(fd_, SO_SNDBUF); }

}  // namespace rooms
