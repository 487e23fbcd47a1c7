// SPDX-License-Identifier: LGPL-2.1-or-later
// Datagrams of one forwarding round, written in place and sent with as few system calls as the
// kernel allows.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/ice/socket_address.h"
#include "gst/transport/datagram_runs.h"

namespace rooms {

/// Longest datagram we send or accept: an Ethernet frame's payload and some room for tunnels that
/// carry more.
constexpr std::size_t kMaxDatagram = 2048;

/// What a batch met on its way out; shared by all batches of a process.
struct SendCounters {
  std::atomic<std::uint64_t> datagrams{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> joined{0};  ///< datagrams that left as a piece of a bigger one
  std::atomic<std::uint64_t> dropped_full{
      0};  ///< the kernel's send buffer was full (EAGAIN, ENOBUFS)
  std::atomic<std::uint64_t> dropped_error{0};  ///< the kernel refused the datagram (no route, ..)
};

UdpDestination to_destination(const SocketAddress& address);

/// Not thread-safe: each network worker has one, and other threads make short-lived ones. Datagrams
/// of one destination leave in the order they were committed in.
class SendBatch {
 public:
  static constexpr std::size_t kCapacity = 512;

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
  [[nodiscard]] bool empty() const { return datagrams_.empty(); }

 private:
  void fill_headers();
  /// Runs [first, end) of the plan.
  void send(int socket, std::size_t first, std::size_t end);
  /// One datagram after the other, of a run that the kernel would not cut up. True if any left.
  bool send_pieces(int socket, DatagramRuns::Run run);

  int ipv4_socket_;
  int ipv6_socket_;
  SendCounters& counters_;
  std::size_t capacity_;
  bool join_;  // until the kernel has refused it
  std::unique_ptr<std::uint8_t[]> arena_;
  std::vector<DatagramRuns::Datagram> datagrams_;  // at [i * kMaxDatagram] of the arena
  DatagramRuns planner_;
  std::span<const DatagramRuns::Run> runs_;
  std::unique_ptr<iovec[]> vectors_;    // in the order of the plan
  std::unique_ptr<mmsghdr[]> headers_;  // by run
  struct alignas(cmsghdr) PieceSize {
    std::uint8_t bytes[CMSG_SPACE(sizeof(std::uint16_t))];
  };
  std::unique_ptr<PieceSize[]> piece_sizes_;  // by run
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

/// One forwarding round on a thread that is no network worker (an encoder's, say): what is sent
/// meanwhile leaves together when the object goes. On a worker's thread, or within another round,
/// it does nothing.
class SendRound {
 public:
  /// Datagrams that a thread keeps room for.
  static constexpr std::size_t kCapacity = 64;

  SendRound();
  ~SendRound();
  SendRound(const SendRound&) = delete;
  SendRound& operator=(const SendRound&) = delete;

  /// A batch for these sockets that the round of this thread flushes; nullptr: there is no round.
  static SendBatch* batch(int ipv4_socket, int ipv6_socket, SendCounters& counters);

 private:
  bool outermost_ = false;
};

}  // namespace rooms
