// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/stun_rate_limit.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace rooms {

namespace {

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

/// Never 0, which marks a free bucket.
std::uint64_t source_of(const SocketAddress& from) {
  const Bytes bytes = from.address();
  if (from.is_v4()) return std::uint64_t{load_u32(bytes.data())} | (std::uint64_t{4} << 32);
  return from.is_v6() ? std::max<std::uint64_t>(load_u64(bytes.data()), 1) : 1;
}

}  // namespace

StunRateLimit::StunRateLimit(const Config& config, std::uint64_t seed)
    : cost_(Duration(std::chrono::seconds(1)) / std::max<std::uint32_t>(config.per_second, 1)),
      limit_(cost_ * std::max<std::uint32_t>(config.burst, 1)),
      seed_(seed),
      buckets_(std::bit_ceil(std::max(config.sources, kWays))) {}

bool StunRateLimit::allow(const SocketAddress& from, Timestamp now) {
  const std::uint64_t source = source_of(from);
  const std::size_t sets = buckets_.size() / kWays;
  Bucket* const set = &buckets_[(mix(source ^ seed_) & (sets - 1)) * kWays];
  Bucket* const end = set + kWays;

  Bucket* bucket = std::find_if(set, end, [&](const Bucket& b) { return b.source == source; });
  if (bucket == end) {
    // The place of whoever has been quiet for longest.
    bucket = std::min_element(set, end, [](const Bucket& a, const Bucket& b) {
      return std::pair(a.source != 0, a.updated) < std::pair(b.source != 0, b.updated);
    });
    *bucket = {source, now, Duration{}};
  }
  bucket->debt = std::max(bucket->debt - std::max(now - bucket->updated, Duration{}), Duration{});
  bucket->updated = now;
  if (bucket->debt + cost_ > limit_) return false;
  bucket->debt += cost_;
  return true;
}

}  // namespace rooms
