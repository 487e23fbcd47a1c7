// SPDX-License-Identifier: LGPL-2.1-or-later
// The TCP connections of one network worker: accepts, reads, and closes those that nobody claims,
// that send nonsense or that are stuck. A connection belongs to nobody until an authentic
// connectivity check (RFC 8445 7.3) named a transport; from then on it is to that transport what a
// UDP address is. Lives on the worker's thread but for its making and its end.
#pragma once

#include <memory>
#include <unordered_map>

#include "gst/transport/packet_slot.h"
#include "gst/transport/tcp_connection.h"
#include "gst/transport/timers.h"

namespace rooms {

class TcpConnections final : public TimerClient,
                             public std::enable_shared_from_this<TcpConnections> {
 public:
  /// Watches the listening sockets of `network` with the worker's `epoll`.
  TcpConnections(Network& network, int epoll, Timers& timers);
  ~TcpConnections() override;
  TcpConnections(const TcpConnections&) = delete;
  TcpConnections& operator=(const TcpConnections&) = delete;

  /// What epoll said of a descriptor that is none of the worker's own.
  void on_ready(int fd, std::uint32_t events);
  std::optional<Timestamp> on_timer(Timestamp now) override;
  /// When the worker's thread has ended. Links that transports hold stay, and take nothing any
  /// more.
  void close_all();

 private:
  using ConnectionRef = std::shared_ptr<TcpConnection>;

  void listen(bool on);
  void accept_from(int listener);
  void adopt(int fd, const SocketAddress& remote, Timestamp now);
  void pause_listening();
  void check_regularly();
  void read(const ConnectionRef& connection, int fd);
  /// False: the connection must go.
  bool on_frame(const ConnectionRef& connection, Bytes frame, Timestamp now);
  bool on_check(const ConnectionRef& connection, Bytes frame, Timestamp now);
  void on_media(const std::shared_ptr<MediaTransport>& owner, Bytes frame, Timestamp now);
  void end_of_media();
  void close(int fd, TcpEnd why);

  Network& network_;
  TcpPort& port_;
  const int epoll_;
  Timers& timers_;
  std::unordered_map<int, ConnectionRef> by_fd_;
  PacketSlot slot_;
  std::shared_ptr<MediaTransport> speaker_;  // whose media the last frames were
  bool listening_ = false;
  bool checking_ = false;
};

}  // namespace rooms
