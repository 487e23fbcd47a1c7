// SPDX-License-Identifier: LGPL-2.1-or-later
// What the link seems to carry, from the rates that arrived whenever it was full: near it the rate
// rises carefully, far from it boldly.
#pragma once

#include <optional>

#include "gst/core/units.h"

namespace rooms {

class LinkCapacity {
 public:
  /// What arrived while the queue grew, or what a probe found.
  void observe(DataRate arrived);
  void reset() { mean_.reset(); }
  [[nodiscard]] std::optional<DataRate> mean() const {
    if (!mean_) return std::nullopt;
    return DataRate::bits_per_second(static_cast<std::int64_t>(*mean_ * 1000));
  }
  /// Three deviations above and below the mean.
  [[nodiscard]] bool is_above(DataRate rate) const;
  [[nodiscard]] bool is_below(DataRate rate) const;

 private:
  [[nodiscard]] double deviation() const;
  std::optional<double> mean_;  // kbit/s
  double variance_ = 0.4;       // relative to the mean, which is its unit
};

}  // namespace rooms
