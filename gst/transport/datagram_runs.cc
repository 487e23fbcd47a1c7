// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/datagram_runs.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rooms {
namespace {

std::size_t hash_of(const UdpDestination& destination) {
  // Peers behind one address differ in port, peers on one port in the end of their address.
  std::uint64_t address = destination.ipv4.sin_addr.s_addr;
  if (destination.is_ipv6()) {
    std::uint64_t halves[2];
    std::memcpy(halves, &destination.ipv6.sin6_addr, sizeof halves);
    address = halves[0] ^ halves[1];
  }
  const std::uint64_t mixed =
      (address << 16 ^ address >> 32 ^ destination.ipv4.sin_port) * 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>(mixed >> 32);
}

}  // namespace

bool UdpDestination::operator==(const UdpDestination& other) const {
  if (length != other.length || ipv6.sin6_family != other.ipv6.sin6_family) return false;
  if (ipv4.sin_port != other.ipv4.sin_port) return false;
  if (!is_ipv6()) return ipv4.sin_addr.s_addr == other.ipv4.sin_addr.s_addr;
  return ipv6.sin6_scope_id == other.ipv6.sin6_scope_id &&
         std::memcmp(&ipv6.sin6_addr, &other.ipv6.sin6_addr, sizeof ipv6.sin6_addr) == 0;
}

DatagramRuns::DatagramRuns(std::size_t capacity)
    : next_(capacity), table_(std::bit_ceil(std::max<std::size_t>(capacity, 1) * 2), kNone) {
  chains_.reserve(capacity);
  order_.reserve(capacity);
  runs_.reserve(capacity);
}

DatagramRuns::Chain& DatagramRuns::chain_of(std::span<const Datagram> datagrams,
                                            const UdpDestination& destination) {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash_of(destination) & mask;; at = (at + 1) & mask) {
    if (table_[at] == kNone) {
      table_[at] = static_cast<std::uint16_t>(chains_.size());
      return chains_.emplace_back();
    }
    auto& chain = chains_[table_[at]];
    if (datagrams[chain.first].destination == destination) return chain;
  }
}

void DatagramRuns::follow(std::span<const Datagram> datagrams, const Chain& chain) {
  std::size_t piece = 0;  // 0: the run has ended
  std::size_t bytes = 0;
  for (std::uint16_t i = chain.first; i != kNone; i = next_[i]) {
    const std::size_t size = datagrams[i].size;
    const bool goes_on =
        piece != 0 && size <= piece && runs_.back().count < kMaxPieces && bytes + size <= kMaxBytes;
    if (goes_on) {
      ++runs_.back().count;
      bytes += size;
      if (size < piece) piece = 0;
    } else {
      runs_.push_back({static_cast<std::uint16_t>(order_.size()), 1});
      piece = bytes = size;
    }
    order_.push_back(i);
  }
}

std::span<const DatagramRuns::Run> DatagramRuns::plan(std::span<const Datagram> datagrams,
                                                      bool join) {
  order_.clear();
  runs_.clear();
  chains_.clear();
  if (!join) {
    for (const bool ipv6 : {false, true}) {
      for (std::size_t i = 0; i < datagrams.size(); ++i) {
        if (datagrams[i].destination.is_ipv6() != ipv6) continue;
        runs_.push_back({static_cast<std::uint16_t>(order_.size()), 1});
        order_.push_back(static_cast<std::uint16_t>(i));
      }
    }
    return runs_;
  }
  std::fill(table_.begin(), table_.end(), kNone);
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    next_[i] = kNone;
    Chain& chain = chain_of(datagrams, datagrams[i].destination);
    if (chain.first == kNone) {
      chain.first = number;
    } else {
      next_[chain.last] = number;
    }
    chain.last = number;
  }
  for (const bool ipv6 : {false, true}) {
    for (const auto& chain : chains_) {
      if (datagrams[chain.first].destination.is_ipv6() == ipv6) follow(datagrams, chain);
    }
  }
  return runs_;
}

}  // namespace rooms
