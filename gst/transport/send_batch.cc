// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/send_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rooms {
namespace {

thread_local SendBatch* this_threads_batch = nullptr;

bool is_backpressure(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

}  // namespace

UdpDestination to_destination(const SocketAddress& address) {
  UdpDestination destination;
  sockaddr_storage storage{};
  destination.length = static_cast<socklen_t>(address.to_sockaddr(storage));
  std::memcpy(&destination.ipv6, &storage, destination.length);
  return destination;
}

SendBatch* batch_of_this_thread() { return this_threads_batch; }
BatchScope::BatchScope(SendBatch& batch) { this_threads_batch = &batch; }
BatchScope::~BatchScope() { this_threads_batch = nullptr; }

SendBatch::SendBatch(int ipv4_socket, int ipv6_socket, SendCounters& counters, std::size_t capacity)
    : ipv4_socket_(ipv4_socket),
      ipv6_socket_(ipv6_socket),
      counters_(counters),
      capacity_(std::min(capacity, kCapacity)),
      arena_(new std::uint8_t[capacity_ * kMaxDatagram]),
      messages_(new Message[capacity_]),
      vectors_(new iovec[capacity_]{}),
      headers_(new mmsghdr[capacity_]{}) {}

MutableBytes SendBatch::reserve() {
  if (count_ == capacity_) flush();
  return {&arena_[count_ * kMaxDatagram], kMaxDatagram};
}

void SendBatch::commit(std::size_t size, const UdpDestination& destination) {
  if (size == 0 || size > kMaxDatagram || destination.length == 0) return;
  auto& message = messages_[count_];
  message.size = size;
  message.destination = destination;
  message.socket = destination.ipv6.sin6_family == AF_INET6 ? ipv6_socket_ : ipv4_socket_;
  ++count_;
}

void SendBatch::flush() {
  std::size_t first = 0;
  while (first < count_) {
    std::size_t end = first + 1;
    while (end < count_ && messages_[end].socket == messages_[first].socket) ++end;
    send_run(first, end);
    first = end;
  }
  count_ = 0;
}

void SendBatch::send_run(std::size_t first, std::size_t end) {
  std::uint64_t bytes = 0;
  for (std::size_t i = first; i < end; ++i) {
    auto& message = messages_[i];
    vectors_[i] = {&arena_[i * kMaxDatagram], message.size};
    headers_[i].msg_hdr = {};
    headers_[i].msg_hdr.msg_name = &message.destination.ipv6;
    headers_[i].msg_hdr.msg_namelen = message.destination.length;
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    bytes += message.size;
  }
  std::uint64_t dropped = 0;
  while (first < end) {
    const int sent = sendmmsg(messages_[first].socket, &headers_[first],
                              static_cast<unsigned>(end - first), MSG_DONTWAIT);
    counters_.calls.fetch_add(1, std::memory_order_relaxed);
    if (sent > 0) {
      counters_.datagrams.fetch_add(static_cast<std::uint64_t>(sent), std::memory_order_relaxed);
      first += static_cast<std::size_t>(sent);
    } else if (errno == EINTR) {
      continue;
    } else if (is_backpressure(errno)) {
      dropped = end - first;
      counters_.dropped_full.fetch_add(dropped, std::memory_order_relaxed);
      break;
    } else {
      // The first of the run was refused; the others may have other destinations.
      counters_.dropped_error.fetch_add(1, std::memory_order_relaxed);
      ++first;
    }
  }
  counters_.bytes.fetch_add(bytes, std::memory_order_relaxed);
}

}  // namespace rooms
