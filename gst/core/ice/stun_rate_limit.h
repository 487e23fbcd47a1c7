// SPDX-License-Identifier: LGPL-2.1-or-later
// How many STUN requests a source may have answered: a token bucket per address (IPv6: per /64), in
// a table of fixed size. Ask it for requests that are not (yet) known to be authentic, and give
// back what newcomers with the right credentials took: behind one address there may be a whole
// company. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gst/core/ice/socket_address.h"
#include "gst/core/time.h"

namespace rooms {

class StunRateLimit {
 public:
  struct Config {
    std::uint32_t per_second = 200;
    std::uint32_t burst = 400;
    std::size_t sources = 4096;  ///< rounded up to a power of two
  };
  /// `seed`: random, so that nobody can choose addresses that share one place in the table.
  StunRateLimit(const Config& config, std::uint64_t seed);

  bool allow(const SocketAddress& from, Timestamp now);
  /// What was allowed lately does not count.
  void give_back(const SocketAddress& from);

 private:
  struct Bucket {
    std::uint64_t source = 0;  ///< 0: free
    Timestamp updated;
    Duration debt{};  ///< time until the bucket is full again
  };
  static constexpr std::size_t kWays = 4;
  /// The places where that source may stand.
  std::span<Bucket> places_of(std::uint64_t source);

  Duration cost_;
  Duration limit_;
  std::uint64_t seed_;
  std::vector<Bucket> buckets_;
};

}  // namespace rooms
