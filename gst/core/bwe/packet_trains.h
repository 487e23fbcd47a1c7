// SPDX-License-Identifier: LGPL-2.1-or-later
// What the link carries, from packets that waited in its queue: those arrive one behind the other,
// as fast as it lets them, however little is sent on the whole. A keyframe is enough for that.
#pragma once

#include <optional>

#include "gst/core/units.h"

namespace rooms {

class PacketTrains {
 public:
  /// Each packet that arrived; `arrival` on the peer's clock, `waited` in the queue on the way.
  void observe(Duration arrival, DataSize size, Duration waited) {
    if (waited < kWaited) {
      begun_.reset();
      return;
    }
    if (!begun_ || arrival - *begun_ > kLongest) {
      // A queue that stands for long is a train after another.
      last_ = begun_ ? rate() : std::nullopt;
      begun_ = latest_ = arrival;
      first_waited_ = last_waited_ = waited;
      size_ = {};
      packets_ = 0;
      return;  // its own bytes came before it
    }
    if (arrival < latest_) return;
    latest_ = arrival;
    last_waited_ = waited;
    size_ += size;
    ++packets_;
  }
  void reset() { *this = PacketTrains(); }

  /// nullopt: none is under way that says enough.
  [[nodiscard]] std::optional<DataRate> rate() const {
    if (!begun_) return std::nullopt;
    return is_under_way() ? size_ / (latest_ - *begun_) : last_;
  }

  /// Packet after packet waited: the queue stands, by the latest news.
  [[nodiscard]] bool is_under_way() const {
    return begun_ && packets_ >= kEnoughPackets && latest_ - *begun_ >= kLeast;
  }
  /// The queue grows by at least half of the time that passes, so one and a half times as much is
  /// sent as the link carries, and that is much less than `estimate`. The trend of delays tells as
  /// much after a second of packets; by then a short queue has overflowed.
  [[nodiscard]] bool is_below(DataRate estimate) const {
    if (!is_under_way()) return false;
    const Duration length = latest_ - *begun_;
    const Duration growth = last_waited_ - first_waited_;
    if (length < kSureAfter || growth < kSureGrowth || growth * 2 < length) return false;
    return size_ / length < estimate * kMuchLess;
  }

 private:
  /// Less may be a frame's packets behind each other, or jitter.
  static constexpr Duration kWaited = std::chrono::milliseconds(10);
  static constexpr Duration kLeast = std::chrono::milliseconds(40);
  static constexpr Duration kLongest = std::chrono::milliseconds(400);
  static constexpr int kEnoughPackets = 5;
  static constexpr Duration kSureAfter = std::chrono::milliseconds(60);
  static constexpr Duration kSureGrowth = std::chrono::milliseconds(50);
  static constexpr double kMuchLess = 0.75;

  std::optional<Duration> begun_;
  Duration latest_{};
  Duration first_waited_{};
  Duration last_waited_{};
  DataSize size_;
  int packets_ = 0;
  std::optional<DataRate> last_;  // of the train before, without a gap
};

}  // namespace rooms
