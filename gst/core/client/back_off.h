// SPDX-License-Identifier: LGPL-2.1-or-later
// How long a client waits before it tries again to reach a server that it lost.
#pragma once

#include "gst/core/time.h"

namespace rooms {

class BackOff {
 public:
  /// The first wait, doubled with every further one up to the last.
  static constexpr Duration kFirst = std::chrono::milliseconds(500);
  static constexpr Duration kLast = std::chrono::seconds(15);

  /// `random`, 0..1, spreads clients that lost the same server at once: the wait is 75 to 125
  /// percent.
  Duration next(double random);
  /// Media flowed: the next loss starts from the beginning.
  void reset() { attempts_ = 0; }
  [[nodiscard]] unsigned attempts() const { return attempts_; }

 private:
  unsigned attempts_ = 0;
};

}  // namespace rooms
