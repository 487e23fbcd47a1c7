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
std::uint64_t bucket_source_of(const SocketAddress& from) {
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

std::span<StunRateLimit::Bucket> StunRateLimit::places_of(std::uint64_t source) {
  const std::size_t sets = buckets_.size() / kWays;
  return std::span(buckets_).subspan((mix(source ^ seed_) & (sets - 1)) * kWays, kWays);
}

bool StunRateLimit::allow(const SocketAddress& from, Timestamp now) {
  const std::uint64_t source = bucket_source_of(from);
  const auto set = places_of(source);
  auto bucket = std::ranges::find(set, source, &Bucket::source);
  if (bucket == set.end()) {
    // The place of whoever has been quiet for longest.
    bucket = std::ranges::min_element(set, [](const Bucket& a, const Bucket& b) {
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

void StunRateLimit::give_back(const SocketAddress& from) {
  const std::uint64_t source = bucket_source_of(from);
  for (auto& bucket : places_of(source))
    if (bucket.source == source) bucket.debt = std::max(bucket.debt - cost_, Duration{});
}

}  // namespace rooms
