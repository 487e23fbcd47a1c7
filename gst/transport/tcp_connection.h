// SPDX-License-Identifier: LGPL-2.1-or-later
// One TCP connection of a peer, as a way for datagrams (RFC 6544, RFC 4571).
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "gst/core/ice/frame_queue.h"
#include "gst/core/ice/rfc4571.h"
#include "gst/core/ice/stream_patience.h"
#include "gst/transport/media_transport.h"
#include "gst/transport/tcp_port.h"

namespace rooms {

/// Sending, from any thread: frames wait in a bounded queue, which a worker's thread writes at the
/// end of its round and any other thread at once, as far as the kernel takes it; the rest when the
/// kernel wants more. Nobody ever waits for the peer. Reading and closing: the worker that accepted
/// it.
class TcpConnection final : public DatagramLink,
                            public std::enable_shared_from_this<TcpConnection> {
 public:
  /// Room for a key frame and then some; at 5 Mbit/s, 0.4 s.
  static constexpr std::size_t kQueueBytes = 256 * 1024;

  /// Takes `fd` (non-blocking). `epoll` is that of the worker, which outlives the descriptor.
  /// `number` is unique in this process and not 0.
  TcpConnection(int fd, int epoll, const SocketAddress& remote, std::uint64_t number,
                TcpCounters& counters, Timestamp now);
  ~TcpConnection() override;
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;

  // --- Any thread
  bool send(Bytes datagram) override;
  void retire() override;
  [[nodiscard]] const char* protocol() const override { return "tcp"; }
  void flush();

  // --- The worker's thread
  /// 0: the peer has closed, or we retired it. nullopt: nothing at present.
  std::optional<std::size_t> read_some();
  /// The next whole frame of what was read; good until the next call of either.
  std::optional<Bytes> next_frame(Timestamp now);
  [[nodiscard]] bool retired();
  [[nodiscard]] bool broken() const { return reader_.broken(); }
  void close();
  [[nodiscard]] StreamVerdict judge(const StreamPatience& patience, Timestamp now);
  [[nodiscard]] Path path();
  void claim(const std::shared_ptr<MediaTransport>& owner);
  [[nodiscard]] bool claimed() const { return progress_.claimed; }
  /// Null before it is claimed, and when the owner is no more.
  [[nodiscard]] std::shared_ptr<MediaTransport> owner() const { return owner_.lock(); }
  [[nodiscard]] const SocketAddress& remote() const { return remote_; }

 private:
  void flush_locked();
  void watch(bool for_writing);

  const int epoll_;
  const SocketAddress remote_;
  const std::uint64_t number_;
  TcpCounters& counters_;

  // The worker's thread.
  Rfc4571Reader reader_;
  StreamProgress progress_;  // but `blocked`
  std::weak_ptr<MediaTransport> owner_;

  std::mutex mutex_;
  int fd_;                            // under mutex_; -1: closed
  FrameQueue queue_{kQueueBytes};     // under mutex_
  bool in_round_ = false;             // under mutex_: some thread's round will flush
  std::optional<Timestamp> blocked_;  // under mutex_: the kernel will tell when it takes more
  bool retired_ = false;              // under mutex_
};

/// The connections that this thread has something to write to when its round ends. One for each
/// worker's thread, made and used there.
class TcpRound {
 public:
  TcpRound();
  ~TcpRound();
  TcpRound(const TcpRound&) = delete;
  TcpRound& operator=(const TcpRound&) = delete;

  void add(std::shared_ptr<TcpConnection> connection) { waiting_.push_back(std::move(connection)); }
  void flush();
  /// Null on threads that are not workers.
  static TcpRound* of_this_thread();

 private:
  std::vector<std::shared_ptr<TcpConnection>> waiting_;
};

}  // namespace rooms
