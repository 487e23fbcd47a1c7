// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/feed_stamper.h"

namespace rooms {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

FeedStamper::Stamp FeedStamper::stamp(std::uint16_t sequence, std::uint32_t timestamp,
                                      Timestamp when) {
  if (begins_) {
    begins_ = false;
    // Seconds and the rest apart: nanoseconds times a clock rate do not fit into 64 bits.
    const auto ns = when.time_since_epoch().count();
    const auto ticks = ns / kSecond * clock_rate_ + ns % kSecond * clock_rate_ / kSecond;
    auto begin = static_cast<std::uint32_t>(base_ + static_cast<std::uint64_t>(ticks));
    // Time that stands still or goes back would make a receiver throw the pictures away.
    if (any_ && static_cast<std::int32_t>(begin - latest_) <= 0) begin = latest_ + clock_rate_ / 50;
    timestamp_offset_ = begin - timestamp;
    sequence_offset_ = static_cast<std::uint16_t>(sequence_ - sequence);
  }
  const Stamp stamp{static_cast<std::uint16_t>(sequence + sequence_offset_),
                    timestamp + timestamp_offset_};
  if (!any_ || static_cast<std::int32_t>(stamp.timestamp - latest_) > 0) latest_ = stamp.timestamp;
  any_ = true;
  sequence_ = static_cast<std::uint16_t>(stamp.sequence + 1);
  return stamp;
}

}  // namespace rooms
