// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of one stream in the order of their numbers: who records has time to wait for what is
// sent again. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/time.h"

namespace rooms {

struct OrderedPacket {
  bool after_loss = false;  ///< packets before it never came
  bool marker = false;
  std::uint32_t timestamp = 0;  ///< RTP's
  Timestamp captured;           ///< on the room's timeline
  bool by_report = false;       ///< `captured` comes from sender reports, not from the arrival
  std::vector<std::uint8_t> payload;
};

class PacketOrder {
 public:
  struct Config {
    /// For a packet that is missing: some tries over a long way.
    Duration patience = std::chrono::milliseconds(500);
    /// Behind a missing one; more, and it counts as lost.
    std::size_t most = 2048;
    /// A number that is further away than this begins a new stream.
    std::int64_t jump = 3000;
  };
  PacketOrder() = default;
  explicit PacketOrder(const Config& config) : config_(config) {}

  void push(std::uint16_t sequence, OrderedPacket packet, Timestamp now);
  /// The next in turn. nullopt: none has come, or an earlier one may still come.
  std::optional<OrderedPacket> pop(Timestamp now);
  /// Whoever still waits is let go, whatever is missing.
  void give_up() { config_.patience = Duration::min(); }

  /// Packets that never came, and those that came when nobody waited for them any more.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t late() const { return late_; }

 private:
  struct Waiting {
    OrderedPacket packet;
    Timestamp since;
  };
  Config config_;
  std::map<std::int64_t, Waiting> waiting_;
  std::optional<std::int64_t> next_;  // nullopt: nothing has come yet
  bool after_loss_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t late_ = 0;
};

}  // namespace rooms
