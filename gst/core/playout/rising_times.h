// SPDX-License-Identifier: LGPL-2.1-or-later
// Times of the frames of one stream that rise. When a sender's first report tells that all before
// was captured earlier than its arrival made believe, the next times lie before the last ones: they
// are put closely behind those until they are right again.
#pragma once

#include <algorithm>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

class RisingTimes {
 public:
  /// Less than frames are apart, so that the difference goes away.
  explicit RisingTimes(Duration least_step) : least_step_(least_step) {}

  Timestamp next(Timestamp time) {
    last_ = last_ ? std::max(time, *last_ + least_step_) : time;
    return *last_;
  }

 private:
  Duration least_step_;
  std::optional<Timestamp> last_;
};

}  // namespace rooms
