// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer of the media port with real sockets on loopback: its TCP connection, or its UDP port.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/rfc4571.h"
#include "gst/core/ice/stun.h"

namespace rooms {

using Packet = std::vector<std::uint8_t>;

/// A connectivity check as the peer of `server` sends it.
inline Packet check_of(const IceCredentials& server, bool nominate = true) {
  static std::atomic<std::uint16_t> checks{0};
  const std::uint16_t count = ++checks;  // one transaction from two addresses would be a replay
  Packet packet(256);
  StunWriter writer(packet, StunClass::kRequest,
                    {1, static_cast<std::uint8_t>(count >> 8), static_cast<std::uint8_t>(count)});
  writer.username(server.ufrag, "peer").priority(100).controlling(5);
  if (nominate) writer.use_candidate();
  packet.resize(writer.finish(server.password));
  return packet;
}

class Socket {
 public:
  Socket(int type, const SocketAddress& server, int receive_buffer = 0)
      : fd_(::socket(server.is_v4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0)
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_storage storage{};
    const auto length = static_cast<socklen_t>(server.to_sockaddr(storage));
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&storage), length) == 0;
  }
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// As it is: one datagram, or bytes of the stream. False: the connection is gone.
  bool send(Bytes bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// Up to `room`; 0: the end of the stream, nullopt: nothing within the time.
  std::optional<std::size_t> receive(MutableBytes room, int milliseconds = 5000) const {
    pollfd waiting{fd_, POLLIN, 0};
    if (poll(&waiting, 1, milliseconds) <= 0) return std::nullopt;
    const auto size = recv(fd_, room.data(), room.size(), 0);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }

 private:
  int fd_;
  bool connected_ = false;
};

class TcpPeer {
 public:
  explicit TcpPeer(const SocketAddress& server, int receive_buffer = 0)
      : socket_(SOCK_STREAM, server, receive_buffer) {}

  [[nodiscard]] bool connected() const { return socket_.connected(); }
  void close() { socket_.close(); }
  bool send_raw(Bytes bytes) const { return socket_.send(bytes); }
  bool send(Bytes datagram) const {
    Packet framed(datagram.size() + 2);
    write_rfc4571(framed, datagram);
    return socket_.send(framed);
  }
  /// nullopt: no whole frame within the time, or the connection has ended (see `ended`).
  std::optional<Packet> receive(int milliseconds = 5000) {
    for (;;) {
      if (const auto frame = reader_.next()) return Packet(frame->begin(), frame->end());
      const auto size = socket_.receive(reader_.writable(), milliseconds);
      if (!size) return std::nullopt;
      if (*size == 0) {
        ended_ = true;
        return std::nullopt;
      }
      reader_.written(*size);
    }
  }
  /// Whether the server has closed, now or within the time; what comes before is thrown away.
  bool sees_the_end(int milliseconds = 5000) {
    while (receive(milliseconds)) {
    }
    return ended_;
  }
  /// Checks, and waits for the answer.
  bool check(const IceCredentials& server, bool nominate = true) {
    if (!send(check_of(server, nominate))) return false;
    const auto answer = receive();
    const auto message = answer ? parse_stun(*answer) : std::nullopt;
    return message && message->message_class == StunClass::kSuccess;
  }

 private:
  Socket socket_;
  Rfc4571Reader reader_;
  bool ended_ = false;
};

class UdpPeer {
 public:
  explicit UdpPeer(const SocketAddress& server) : socket_(SOCK_DGRAM, server) {}
  std::optional<Packet> receive(int milliseconds = 5000) const {
    Packet datagram(4096);
    const auto size = socket_.receive(datagram, milliseconds);
    if (!size) return std::nullopt;
    datagram.resize(*size);
    return datagram;
  }
  bool send(Bytes datagram) const { return socket_.send(datagram); }
  bool check(const IceCredentials& server, bool nominate = true) const {
    if (!ask(server, nominate)) return false;
    const auto answer = receive();
    const auto message = answer ? parse_stun(*answer) : std::nullopt;
    return message && message->message_class == StunClass::kSuccess;
  }
  /// Without waiting for the answer.
  bool ask(const IceCredentials& server, bool nominate = true) const {
    return socket_.send(check_of(server, nominate));
  }

 private:
  Socket socket_;
};

}  // namespace rooms
