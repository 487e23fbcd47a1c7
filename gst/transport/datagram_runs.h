// SPDX-License-Identifier: LGPL-2.1-or-later
// Which datagrams of a batch can leave as one: the kernel cuts one big datagram into pieces of one
// size (UDP segmentation offload), of which the last may be shorter.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <span>
#include <vector>

namespace rooms {

/// A destination as sendmmsg wants it.
struct UdpDestination {
  union {
    sockaddr_in6 ipv6{};
    sockaddr_in ipv4;
  };
  socklen_t length = 0;  ///< 0: none

  [[nodiscard]] bool is_ipv6() const { return ipv6.sin6_family == AF_INET6; }
  bool operator==(const UdpDestination& other) const;
};

/// Of a batch: not thread-safe, and without allocation once constructed.
class DatagramRuns {
 public:
  /// As many pieces, and as many bytes, as every kernel takes (UDP_MAX_SEGMENTS; 65535 less
  /// headers).
  static constexpr std::size_t kMaxPieces = 64;
  static constexpr std::size_t kMaxBytes = 65'000;

  struct Datagram {
    std::size_t size = 0;
    UdpDestination destination;
  };
  /// `count` entries of order() from `first` on.
  struct Run {
    std::uint16_t first = 0;
    std::uint16_t count = 0;
  };

  explicit DatagramRuns(std::size_t capacity);

  /// Puts the datagrams of each destination behind each other, in the order they have among
  /// themselves, IPv4 before IPv6, and divides them into runs. `join` false: each is a run of its
  /// own. At most `capacity` datagrams; the answer is good until the next call.
  std::span<const Run> plan(std::span<const Datagram> datagrams, bool join);
  /// Positions in what was planned.
  [[nodiscard]] std::span<const std::uint16_t> order() const { return order_; }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  /// The datagrams of one destination, chained by next_.
  struct Chain {
    std::uint16_t first = kNone;
    std::uint16_t last = kNone;
  };

  Chain& chain_of(std::span<const Datagram> datagrams, const UdpDestination& destination);
  void follow(std::span<const Datagram> datagrams, const Chain& chain);

  std::vector<Chain> chains_;         // by first appearance of their destination
  std::vector<std::uint16_t> next_;   // by datagram
  std::vector<std::uint16_t> table_;  // by hash of destination: index in chains_; open addressing
  std::vector<std::uint16_t> order_;
  std::vector<Run> runs_;
};

}  // namespace rooms
