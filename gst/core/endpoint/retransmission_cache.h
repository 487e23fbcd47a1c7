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
    std::size_t capacity = 1024;  ///< packets; rounded up to a power of two, at most 16384
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
      : config_(config), ring_(std::bit_ceil(std::clamp<std::size_t>(config.capacity, 1, 16384))) {}

  void add(T packet, const RtpPatch& patch, Timestamp now) {
    move_window(patch.sequence);
    slot_of(patch.sequence) = Entry{std::move(packet), patch, now, {}, 0};
  }

  /// The packet to send again, for `mark_resent` if it is; nullptr when it is unknown, too old, or
  /// was sent again less than a round trip ago (that copy may still be on its way).
  const Entry* request(std::uint16_t sequence, Timestamp now, Duration round_trip) {
    Slot& slot = slot_of(sequence);
    if (!slot || slot->patch.sequence != sequence || now - slot->sent > config_.max_age)
      return nullptr;
    const Duration spacing = std::max(config_.min_spacing, round_trip);
    if (slot->resends > 0 && now - slot->resent < spacing) return nullptr;
    if (slot->resends >= config_.max_resends) return nullptr;
    return &*slot;
  }

  void mark_resent(std::uint16_t sequence, Timestamp now) {
    Slot& slot = slot_of(sequence);
    if (!slot || slot->patch.sequence != sequence) return;
    slot->resent = now;
    ++slot->resends;
  }

  /// The one that was sent `back` packets before the newest; nullptr: it is not kept.
  const Entry* recent(std::uint16_t back) {
    if (back >= span_) return nullptr;
    const Slot& slot = slot_of(static_cast<std::uint16_t>(newest_ - back));
    return slot ? &*slot : nullptr;
  }

  /// Lets go of packets sent before `limit`. To be called now and then: add() only lets go of what
  /// the new packet takes the place of, for the oldest one is far away in memory.
  void release_older(Timestamp limit) {
    for (; span_ > 0; --span_) {
      Slot& slot = slot_of(oldest());
      if (slot && slot->sent >= limit) return;
      slot.reset();
    }
  }

  void clear() {
    for (Slot& slot : ring_) slot.reset();
    span_ = 0;
  }

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(
        std::count_if(ring_.begin(), ring_.end(), [](const Slot& s) { return s.has_value(); }));
  }

 private:
  using Slot = std::optional<Entry>;
  Slot& slot_of(std::uint16_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }

  [[nodiscard]] std::uint16_t oldest() const {
    return static_cast<std::uint16_t>(newest_ - (span_ - 1));
  }

  /// Afterwards `sequence` is within the window, which is no longer than the ring: slots it leaves
  /// let go of their packets, so that none is kept for longer than its neighbours.
  void move_window(std::uint16_t sequence) {
    const int ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - newest_));
    const auto size = static_cast<int>(ring_.size());
    if (span_ > 0 && ahead <= -size) clear();  // the sender began anew
    if (span_ == 0) {
      newest_ = sequence;
      span_ = 1;
      return;
    }
    for (int i = 1; i <= std::min(ahead, size); ++i) {
      slot_of(static_cast<std::uint16_t>(newest_ + i)).reset();
    }
    const int reach = ahead > 0 ? span_ + ahead : std::max(span_, 1 - ahead);
    span_ = std::min(reach, size);
    if (ahead > 0) newest_ = sequence;
  }

  Config config_;
  std::vector<Slot> ring_;
  std::uint16_t newest_ = 0;
  int span_ = 0;  ///< sequence numbers from the oldest to the newest; 0: nothing is kept
};

}  // namespace rooms
