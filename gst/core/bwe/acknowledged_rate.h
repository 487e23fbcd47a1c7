// SPDX-License-Identifier: LGPL-2.1-or-later
// How much arrives: bytes by arrival time in short windows, smoothed by how far each window is from
// what was expected. At a full queue this is what the link carries.
#pragma once

#include <optional>

#include "gst/core/units.h"

namespace rooms {

class AcknowledgedRate {
 public:
  /// Each packet that arrived; `arrival` on the peer's clock, roughly ascending.
  void observe(Duration arrival, DataSize size);
  /// Feedback is missing: what it would have told of is in no window.
  void skip() { window_begin_.reset(); }
  /// A probe has arrived at that rate: the next windows begin from there.
  void expect(DataRate rate) {
    rate_ = latest_ = rate;
    uncertainty_ = kUnknown;
  }
  /// nullopt until half a second of arrivals is known.
  [[nodiscard]] std::optional<DataRate> rate() const { return rate_; }
  /// While a queue stands, which makes arrivals even: the last window alone where it is far below,
  /// for then the link has become narrower.
  [[nodiscard]] std::optional<DataRate> rate_of_full_link() const;

 private:
  static constexpr double kUnknown = 50;
  void close(Duration length);

  std::optional<DataRate> rate_;
  DataRate latest_;
  double uncertainty_ = kUnknown;  // of the rate, as a variance
  std::optional<Duration> window_begin_;
  Duration last_arrival_{};
  DataSize in_window_;
};

}  // namespace rooms
