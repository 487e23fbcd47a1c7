// SPDX-License-Identifier: LGPL-2.1-or-later
// One RTP stream out of many that follow each other: each time a source is connected anew its
// payloader begins with numbers of its own, and viewers should not notice.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

class FeedStamper {
 public:
  struct Stamp {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
  };

  /// `clock_rate`: of the timestamps, in Hz.
  FeedStamper(std::uint32_t clock_rate, std::uint16_t first_sequence, std::uint32_t first_timestamp)
      : clock_rate_(clock_rate), sequence_(first_sequence), base_(first_timestamp) {}

  /// What comes next is of another connection.
  void begin_anew() { begins_ = true; }
  /// Of a packet whose payloader gave it `sequence` and `timestamp`, and which is to be played at
  /// `when`. Within a connection timestamps move as the payloader's do, which are exact for sound;
  /// from one to the next as much time passes as has passed.
  Stamp stamp(std::uint16_t sequence, std::uint32_t timestamp, Timestamp when);

 private:
  std::uint32_t clock_rate_;
  std::uint16_t sequence_;  // of the next packet of another connection
  std::uint32_t base_;
  bool begins_ = true;
  bool any_ = false;
  std::uint16_t sequence_offset_ = 0;
  std::uint32_t timestamp_offset_ = 0;
  std::uint32_t latest_ = 0;  // timestamp
};

}  // namespace rooms
