// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of one stream in the order of their sequence numbers. A hole is waited for, since its
// packet may be sent again, but not for long. Nothing here wakes up by itself: a hole is given up
// when a later packet comes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "gst/core/forward/seqnum.h"
#include "gst/core/time.h"

namespace rooms {

template <class Packet>
class PacketOrder {
 public:
  struct Config {
    /// How long packets are held back behind a hole.
    Duration patience = std::chrono::milliseconds(200);
    /// Most packets that are held back.
    std::size_t most = 512;
  };
  struct Released {
    Packet packet;
    /// Packets before it that are missing and given up.
    std::uint32_t lost = 0;
  };
  struct Counters {
    std::uint64_t packets = 0;  ///< released
    std::uint64_t lost = 0;
    std::uint64_t late = 0;  ///< came after they were given up, or twice: dropped
  };
  /// From numbers this far behind on, a stream counts as begun anew.
  static constexpr std::int64_t kRestart = 1000;

  PacketOrder() = default;
  explicit PacketOrder(const Config& config) : config_(config) {}
  void configure(const Config& config) { config_ = config; }
  [[nodiscard]] const Config& config() const { return config_; }

  /// What is in order with this packet; may be nothing, may be many.
  std::vector<Released> put(std::uint16_t sequence, Packet packet, Timestamp now) {
    std::vector<Released> released;
    const auto number = next_ ? unwrap_near(*next_, sequence, 16) : std::int64_t{sequence};
    if (next_ && number < *next_ - kRestart) {
      released = drain();
      next_ = number;
    } else if (next_ && number < *next_) {
      ++counters_.late;
      return released;
    }
    if (!next_) next_ = number;
    if (!held_.try_emplace(number, Held{std::move(packet), now}).second) ++counters_.late;
    advance(now, released);
    return released;
  }

  /// All that is held back; the stream has ended.
  std::vector<Released> drain() {
    std::vector<Released> released;
    while (!held_.empty()) release_first(released);
    return released;
  }

  /// Forgets everything: another stream begins.
  void reset() {
    held_.clear();
    next_.reset();
  }
  [[nodiscard]] std::size_t held() const { return held_.size(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Held {
    Packet packet;
    Timestamp since;
  };

  void advance(Timestamp now, std::vector<Released>& released) {
    while (!held_.empty()) {
      const auto first = held_.begin();
      const bool is_next = first->first == *next_;
      if (!is_next && now - oldest() < config_.patience && held_.size() <= config_.most) return;
      release_first(released);
    }
  }

  /// Who waits longest is not the first one when the stream came in disorder.
  [[nodiscard]] Timestamp oldest() const {
    auto at = held_.begin()->second.since;
    for (const auto& [number, held] : held_) at = std::min(at, held.since);
    return at;
  }

  void release_first(std::vector<Released>& released) {
    const auto first = held_.begin();
    const auto lost = static_cast<std::uint32_t>(first->first - *next_);
    counters_.lost += lost;
    ++counters_.packets;
    next_ = first->first + 1;
    released.push_back({std::move(first->second.packet), lost});
    held_.erase(first);
  }

  Config config_;
  std::optional<std::int64_t> next_;
  std::map<std::int64_t, Held> held_;
  Counters counters_;
};

}  // namespace rooms
