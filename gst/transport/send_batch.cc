// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/send_batch.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gst/transport/counting.h"

namespace rooms {
namespace {

thread_local SendBatch* this_threads_batch = nullptr;

bool is_backpressure(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

/// What comes of asking for segmentation where kernel, device or path do not have it, as far as a
/// datagram of its own may still pass.
bool is_refusal_to_join(int error) {
  return error == EINVAL || error == EIO || error == EMSGSIZE || error == EOPNOTSUPP;
}

bool knows_segmentation(int socket) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(socket, SOL_UDP, UDP_SEGMENT, &value, &length) == 0;
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
      join_(capacity_ > 1 && knows_segmentation(ipv4_socket >= 0 ? ipv4_socket : ipv6_socket)),
      arena_(new std::uint8_t[capacity_ * kMaxDatagram]),
      planner_(capacity_),
      vectors_(new iovec[capacity_]{}),
      headers_(new mmsghdr[capacity_]{}),
      piece_sizes_(new PieceSize[capacity_]{}) {
  datagrams_.reserve(capacity_);
}

MutableBytes SendBatch::reserve() {
  if (datagrams_.size() == capacity_) flush();
  return {&arena_[datagrams_.size() * kMaxDatagram], kMaxDatagram};
}

void SendBatch::commit(std::size_t size, const UdpDestination& destination) {
  if (size == 0 || size > kMaxDatagram || destination.length == 0) return;
  datagrams_.push_back({size, destination});
}

void SendBatch::flush() {
  if (datagrams_.empty()) return;
  runs_ = planner_.plan(datagrams_, join_);
  fill_headers();
  const auto ipv6 = std::find_if(runs_.begin(), runs_.end(), [this](DatagramRuns::Run run) {
    return datagrams_[planner_.order()[run.first]].destination.is_ipv6();
  });
  const auto middle = static_cast<std::size_t>(ipv6 - runs_.begin());
  send(ipv4_socket_, 0, middle);
  send(ipv6_socket_, middle, runs_.size());
  datagrams_.clear();
}

void SendBatch::fill_headers() {
  const auto order = planner_.order();
  for (std::size_t i = 0; i < order.size(); ++i) {
    vectors_[i] = {&arena_[order[i] * kMaxDatagram], datagrams_[order[i]].size};
  }
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const auto run = runs_[i];
    auto& first = datagrams_[order[run.first]];
    auto& header = headers_[i].msg_hdr;
    header = {};
    header.msg_name = &first.destination.ipv6;
    header.msg_namelen = first.destination.length;
    header.msg_iov = &vectors_[run.first];
    header.msg_iovlen = run.count;
    if (run.count == 1) continue;
    header.msg_control = piece_sizes_[i].bytes;
    header.msg_controllen = sizeof piece_sizes_[i].bytes;
    auto* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto size = static_cast<std::uint16_t>(first.size);
    std::memcpy(CMSG_DATA(control), &size, sizeof size);
  }
}

void SendBatch::send(int socket, std::size_t first, std::size_t end) {
  while (first < end) {
    const int sent =
        sendmmsg(socket, &headers_[first], static_cast<unsigned>(end - first), MSG_DONTWAIT);
    count(counters_.calls, 1);
    const int error = sent < 0 ? errno : 0;
    if (error == EINTR) continue;
    if (is_backpressure(error)) {
      for (; first < end; ++first) count(counters_.dropped_full, runs_[first].count);
      return;
    }
    for (int i = 0; i < sent; ++i, ++first) {
      const auto pieces = runs_[first].count;
      count(counters_.datagrams, pieces);
      count(counters_.bytes, headers_[first].msg_len);
      if (pieces > 1) count(counters_.joined, pieces);
    }
    if (error == 0) continue;
    // The first was refused; the others may have other destinations.
    const auto refused = runs_[first++];
    if (refused.count > 1 && is_refusal_to_join(error)) {
      if (send_pieces(socket, refused)) join_ = false;
    } else {
      count(counters_.dropped_error, refused.count);
    }
  }
}

bool SendBatch::send_pieces(int socket, DatagramRuns::Run run) {
  bool any_left = false;
  for (std::size_t i = run.first; i < std::size_t{run.first} + run.count; ++i) {
    auto& datagram = datagrams_[planner_.order()[i]];
    msghdr header{};
    header.msg_name = &datagram.destination.ipv6;
    header.msg_namelen = datagram.destination.length;
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    const auto sent = sendmsg(socket, &header, MSG_DONTWAIT);
    count(counters_.calls, 1);
    if (sent >= 0) {
      any_left = true;
      count(counters_.datagrams, 1);
      count(counters_.bytes, static_cast<std::uint64_t>(sent));
    } else {
      count(is_backpressure(errno) ? counters_.dropped_full : counters_.dropped_error, 1);
    }
  }
  return any_left;
}

namespace {

/// Kept from round to round, since its memory costs more than what is sent.
struct RoundBatch {
  bool open = false;
  int ipv4_socket = -1;
  int ipv6_socket = -1;
  SendCounters* counters = nullptr;
  std::unique_ptr<SendBatch> batch;
};
thread_local RoundBatch round_of_thread;

}  // namespace

SendRound::SendRound() : outermost_(!batch_of_this_thread() && !round_of_thread.open) {
  if (outermost_) round_of_thread.open = true;
}

SendRound::~SendRound() {
  if (!outermost_) return;
  round_of_thread.open = false;
  if (round_of_thread.batch) round_of_thread.batch->flush();
}

SendBatch* SendRound::batch(int ipv4_socket, int ipv6_socket, SendCounters& counters) {
  auto& round = round_of_thread;
  if (!round.open) return nullptr;
  // Workers share a port, so any of their sockets will do; those of another network will not.
  if (!round.batch || round.counters != &counters || round.ipv4_socket != ipv4_socket ||
      round.ipv6_socket != ipv6_socket) {
    round.batch = nullptr;  // sends what it has
    round.batch = std::make_unique<SendBatch>(ipv4_socket, ipv6_socket, counters, kCapacity);
    round.ipv4_socket = ipv4_socket;
    round.ipv6_socket = ipv6_socket;
    round.counters = &counters;
  }
  return round.batch.get();
}

}  // namespace rooms
