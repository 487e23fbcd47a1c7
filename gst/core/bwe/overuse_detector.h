// SPDX-License-Identifier: LGPL-2.1-or-later
// The trend of the delay to over-use, normal or under-use, by a threshold that adapts: a flow that
// shares a queue with one that fills it must not starve (draft-ietf-rmcat-gcc-02 5.4).
#pragma once

#include <cstdint>

#include "gst/core/time.h"

namespace rooms {

enum class LinkUse : std::uint8_t { kNormal, kOver, kUnder };

class OveruseDetector {
 public:
  /// `trend` in ms as Trendline::weighted(), `sent` between the two groups it came with, `arrival`
  /// on the peer's clock.
  LinkUse observe(double trend, Duration sent, Duration arrival);
  void reset() { *this = OveruseDetector(); }
  [[nodiscard]] LinkUse use() const { return use_; }
  [[nodiscard]] double threshold() const { return threshold_; }

 private:
  void adapt(double trend, Duration arrival);

  LinkUse use_ = LinkUse::kNormal;
  double threshold_ = 12.5;  // ms
  double last_trend_ = 0;
  Duration over_for_{};
  unsigned over_count_ = 0;
  Duration last_arrival_{};
  bool adapted_before_ = false;
};

}  // namespace rooms
