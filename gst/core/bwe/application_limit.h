// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether less is sent than might be: then arrivals say nothing about what the link could carry,
// and only probes do.
#pragma once

#include <optional>

#include "gst/core/units.h"

namespace rooms {

class ApplicationLimit {
 public:
  void sent(DataSize size, Timestamp now) {
    refill(now);
    unused_ -= size;
    const DataSize most = limit_ * kWindow;
    if (unused_ < DataSize{} - most) unused_ = DataSize{} - most;
    decide();
  }
  /// Also when nothing is sent.
  void update(DataRate estimate, Timestamp now) {
    refill(now);
    limit_ = estimate * kUse;
    decide();
  }
  [[nodiscard]] bool limited() const { return limited_; }

 private:
  static constexpr Duration kWindow = std::chrono::milliseconds(500);
  static constexpr double kUse = 0.65;  // of the estimate

  void refill(Timestamp now) {
    if (last_ && now > *last_) {
      const Duration since = now - *last_ < kWindow ? now - *last_ : kWindow;
      unused_ = std::min(unused_ + limit_ * since, limit_ * kWindow);
    }
    if (!last_ || now > *last_) last_ = now;
  }
  void decide() {
    const auto part = [this](double fraction) { return limit_ * fraction * kWindow; };
    if (unused_ > part(0.8)) limited_ = true;
    if (unused_ < part(0.5)) limited_ = false;
  }

  DataRate limit_;
  DataSize unused_;
  std::optional<Timestamp> last_;
  bool limited_ = false;
};

}  // namespace rooms
