// SPDX-License-Identifier: LGPL-2.1-or-later
// Which packets of one stream to ask for again (RFC 4585 6.2.1). Feed it every packet, those
// recovered through RTX under their original number included. Not thread-safe: owned by the thread
// that receives the stream.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "gst/core/endpoint/sequence_number.h"
#include "gst/core/time.h"

namespace rooms {

enum class PacketArrival : std::uint8_t {
  kInOrder,    ///< the next one, or the first, or past a gap
  kRecovered,  ///< one that was missing
  kDuplicate,  ///< nobody missed it: seen before, or given up
  kRestarted,  ///< so far off that the sender must have begun anew
};

class NackGenerator {
 public:
  struct Config {
    Duration reorder_wait = std::chrono::milliseconds(5);  ///< before the first request
    Duration min_retry =
        std::chrono::milliseconds(20);  ///< between requests; the round-trip time if longer
    Duration max_age = std::chrono::milliseconds(1000);  ///< then the packet is given up
    unsigned max_tries = 10;
    std::size_t max_missing = 1000;  ///< more than this: all are given up
    std::int64_t restart_distance = 5000;
  };
  struct Requests {
    /// In order; valid until the next call.
    std::span<const std::uint16_t> sequences;
    /// Something was given up that requests could not bring: only a keyframe helps now. Told once.
    bool wants_keyframe = false;
  };

  NackGenerator() = default;
  explicit NackGenerator(const Config& config) : config_(config) {}

  PacketArrival observe(std::uint16_t sequence, Timestamp now);
  /// A keyframe begins at `sequence`: what is missing before it is no longer needed.
  void observe_keyframe(std::uint16_t sequence);
  Requests due(Timestamp now, Duration round_trip);
  /// When due() will have something to ask or to give up next; nullopt: nothing is missing.
  [[nodiscard]] std::optional<Timestamp> next_due(Duration round_trip) const;

  [[nodiscard]] std::size_t missing() const { return missing_.size(); }
  [[nodiscard]] std::uint64_t requested() const { return requested_; }
  [[nodiscard]] std::uint64_t recovered() const { return recovered_; }
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; }

 private:
  struct Missing {
    Timestamp since;
    Timestamp last_request;
    unsigned tries = 0;
  };
  [[nodiscard]] Timestamp next_request(const Missing& missing, Duration round_trip) const;
  void give_up_all();
  /// Relative to the highest number so far.
  [[nodiscard]] std::int64_t unwrap(std::uint16_t sequence) const;

  Config config_;
  std::optional<std::int64_t> highest_;
  std::map<std::int64_t, Missing> missing_;
  std::vector<std::uint16_t> due_;
  bool wants_keyframe_ = false;
  std::uint64_t requested_ = 0;
  std::uint64_t recovered_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace rooms
