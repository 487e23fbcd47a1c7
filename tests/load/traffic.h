// SPDX-License-Identifier: LGPL-2.1-or-later
// What all connections of a run count together. Media thread.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/load/histogram.h"

namespace rooms::load {

struct Traffic {
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t packets_resent = 0;
  std::uint64_t keyframes_sent = 0;
  std::uint64_t keyframes_requested = 0;
  std::uint64_t packets = 0;     ///< received media
  std::uint64_t bytes = 0;       ///< of them, UDP payload
  std::uint64_t repairs = 0;     ///< RTX and padding
  std::uint64_t unexpected = 0;  ///< a payload type nobody negotiated, or no RTP
  std::uint64_t refused = 0;     ///< looked into, and the tag was wrong
  std::uint64_t inspected = 0;
  std::uint64_t foreign = 0;  ///< inspected, and not from this generator
  Histogram latency;
  /// By source of a stamp: how many packets that stream has sent.
  std::vector<std::uint64_t> sent_by_source;
};

}  // namespace rooms::load
