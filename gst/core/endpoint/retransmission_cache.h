// SPDX-License-Identifier: LGPL-2.1-or-later
// What was sent lately on one stream, to send it again when asked. T is whatever keeps a packet
// alive (a reference to a shared buffer): nothing is copied. Not thread-safe: owned by the thread
// that sends the stream.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "gst/core/forward/rtp_patch.h"
#include "gst/core/time.h"

namespace rooms {

template <class T>
class RetransmissionCache {
 public:
  struct Config {
    std::size_t capacity = 1024;  ///< packets; rounded up to a power of two, at most 32768
    Duration max_age = std::chrono::milliseconds(1500);
    Duration min_spacing = std::chrono::milliseconds(
        10);                    ///< between copies of one packet; the round-trip time if longer
    unsigned max_resends = 10;  ///< of one packet
  };
  struct Entry {
    T packet{};
    RtpPatch patch;
    Timestamp sent;
    Timestamp resent;
    unsigned resends = 0;
  };

  RetransmissionCache() : RetransmissionCache(Config{}) {}
  explicit RetransmissionCache(const Config& config)
      : config_(config), ring_(std::bit_ceil(std::clamp<std::size_t>(config.capacity, 1, 32768))) {}

  void add(T packet, const RtpPatch& patch, Timestamp now) {
    release_older(now - config_.max_age);
    Slot& slot = slot_of(patch.sequence);
    slot = Slot{Entry{std::move(packet), patch, now, {}, 0}};
    if (!newest_ ||
        static_cast<std::int16_t>(static_cast<std::uint16_t>(patch.sequence - *newest_)) > 0) {
      newest_ = patch.sequence;
    }
    if (!oldest_) oldest_ = patch.sequence;
    const auto reach = static_cast<std::uint16_t>(*newest_ - *oldest_);
    if (reach >= ring_.size()) oldest_ = static_cast<std::uint16_t>(*newest_ - ring_.size() + 1);
  }

  /// The packet to send again, marked as resent at `now`; nullptr when it is unknown, too old, or
  /// was sent less than a round trip ago (that copy may still be on its way).
  const Entry* request(std::uint16_t sequence, Timestamp now, Duration round_trip) {
    Slot& slot = slot_of(sequence);
    if (!slot || slot->patch.sequence != sequence || now - slot->sent > config_.max_age)
      return nullptr;
    const Duration spacing = std::max(config_.min_spacing, round_trip);
    if (slot->resends > 0 && now - slot->resent < spacing) return nullptr;
    if (slot->resends >= config_.max_resends) return nullptr;
    slot->resent = now;
    ++slot->resends;
    return &*slot;
  }

  /// Lets go of packets sent before `limit`; add() does so by itself, call it when a stream falls
  /// silent.
  void release_older(Timestamp limit) {
    while (oldest_) {
      Slot& slot = slot_of(*oldest_);
      if (slot && slot->patch.sequence == *oldest_) {
        if (slot->sent >= limit) return;
        slot.reset();
      }
      if (*oldest_ == *newest_) {
        oldest_.reset();
        newest_.reset();
        return;
      }
      oldest_ = static_cast<std::uint16_t>(*oldest_ + 1);
    }
  }

  void clear() {
    for (Slot& slot : ring_) slot.reset();
    oldest_.reset();
    newest_.reset();
  }

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(
        std::count_if(ring_.begin(), ring_.end(), [](const Slot& s) { return s.has_value(); }));
  }

 private:
  using Slot = std::optional<Entry>;
  Slot& slot_of(std::uint16_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }

  Config config_;
  std::vector<Slot> ring_;
  std::optional<std::uint16_t> oldest_;
  std::optional<std::uint16_t> newest_;
};

}  // namespace rooms
