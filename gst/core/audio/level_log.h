// SPDX-License-Identifier: LGPL-2.1-or-later
// The audio levels of a stream's packets since somebody last asked.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

struct HeardLevel {
  Timestamp when;
  std::uint8_t level = 127;  ///< RFC 6464: 0 (loud) .. 127 (silent), -dBov
};

/// Bounded: of more than 64 packets the oldest are forgotten. Costs a packet one store.
class LevelLog {
 public:
  explicit LevelLog(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

  void add(std::uint8_t level, std::uint32_t rtp_timestamp, Timestamp arrival) {
    entries_[static_cast<std::size_t>(added_++ % kCapacity)] = {arrival, rtp_timestamp, level};
  }
  /// Oldest first, and forgets them. A network hands packets over in bursts, so each gets the time
  /// that its RTP timestamp says, seen from the newest; never later than it arrived.
  std::vector<HeardLevel> take();

 private:
  static constexpr std::uint64_t kCapacity = 64;
  struct Entry {
    Timestamp arrival;
    std::uint32_t rtp_timestamp = 0;
    std::uint8_t level = 127;
  };
  std::uint32_t clock_rate_;
  std::array<Entry, kCapacity> entries_{};
  std::uint64_t added_ = 0;
};

}  // namespace rooms
