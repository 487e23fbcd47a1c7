// SPDX-License-Identifier: LGPL-2.1-or-later
// Merges the keyframe requests of many outputs to one encoding: a publisher is asked at most once
// per interval.
#pragma once

#include <optional>

#include "gst/core/time.h"

namespace rooms {

class KeyframeGate {
 public:
  static constexpr Duration kDefaultInterval = std::chrono::milliseconds(300);

  struct Answer {
    bool send = false;  ///< ask the publisher now
    std::optional<Timestamp>
        due;  ///< not now: call `poll` at this time. Only the first deferred request gets one.
  };

  KeyframeGate() = default;
  explicit KeyframeGate(Duration interval) : interval_(interval) {}
  void set_interval(Duration interval) { interval_ = interval; }

  Answer request(Timestamp now);
  /// True once a deferred request has become due: ask the publisher now.
  bool poll(Timestamp now);
  /// A keyframe begins to arrive: it answers everything asked so far.
  void observe_keyframe() { pending_ = false; }
  [[nodiscard]] bool pending() const { return pending_; }

 private:
  [[nodiscard]] bool closed(Timestamp now) const;

  Duration interval_ = kDefaultInterval;
  std::optional<Timestamp> sent_at_;
  bool pending_ = false;
};

}  // namespace rooms
