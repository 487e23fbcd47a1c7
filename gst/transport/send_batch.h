// SPDX-License-Identifier: LGPL-2.1-or-later
// Datagrams of one forwarding round, written in place and sent with as few system calls as the
// kernel allows.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "gst/core/bytes.h"
#include "gst/core/ice/socket_address.h"

namespace rooms {

/// Longest datagram we send or accept: an Ethernet frame's payload and some room for tunnels that
/// carry more.
constexpr std::size_t kMaxDatagram = 2048;

/// What a batch met on its way out; shared by all batches of a process.
struct SendCounters {
  std::atomic<std::uint64_t> datagrams{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> dropped_full{
      0};  ///< the kernel's send buffer was full (EAGAIN, ENOBUFS)
  std::atomic<std::uint64_t> dropped_error{0};  ///< the kernel refused the datagram (no route, ..)
};

/// A destination as sendmmsg wants it.
struct UdpDestination {
  union {
    sockaddr_in6 ipv6{};
    sockaddr_in ipv4;
  };
  socklen_t length = 0;  ///< 0: none
};

UdpDestination to_destination(const SocketAddress& address);

/// Not thread-safe: each network worker has one, and other threads make short-lived ones.
class SendBatch {
 public:
  static constexpr std::size_t kCapacity = 128;

  /// `capacity`: datagrams, at most kCapacity.
  SendBatch(int ipv4_socket, int ipv6_socket, SendCounters& counters,
            std::size_t capacity = kCapacity);
  ~SendBatch() { flush(); }
  SendBatch(const SendBatch&) = delete;
  SendBatch& operator=(const SendBatch&) = delete;

  /// Room for one datagram; what is written there and committed leaves with the next flush. Flushes
  /// when full.
  MutableBytes reserve();
  void commit(std::size_t size, const UdpDestination& destination);
  void flush();
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Message {
    std::size_t size = 0;
    UdpDestination destination;
    int socket = -1;
  };
  void send_run(std::size_t first, std::size_t end);

  int ipv4_socket_;
  int ipv6_socket_;
  SendCounters& counters_;
  std::size_t capacity_;
  std::size_t count_ = 0;
  std::unique_ptr<std::uint8_t[]> arena_;
  std::unique_ptr<Message[]> messages_;
  std::unique_ptr<iovec[]> vectors_;
  std::unique_ptr<mmsghdr[]> headers_;
};

/// The batch of the worker that runs on this thread; nullptr on threads that are not network
/// workers.
SendBatch* batch_of_this_thread();
/// For the lifetime of the object, `batch` is the one of this thread.
class BatchScope {
 public:
  explicit BatchScope(SendBatch& batch);
  ~BatchScope();
  BatchScope(const BatchScope&) = delete;
  BatchScope& operator=(const BatchScope&) = delete;
};

}  // namespace rooms
