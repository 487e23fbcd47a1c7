// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/back_off.h"

#include <algorithm>

namespace rooms {

Duration BackOff::next(double random) {
  constexpr unsigned kDoublings = 8;
  const Duration wait = std::min(kFirst * (1 << std::min(attempts_, kDoublings)), kLast);
  ++attempts_;
  const double factor = 0.75 + std::clamp(random, 0.0, 1.0) / 2;
  return Duration(static_cast<std::int64_t>(static_cast<double>(wait.count()) * factor));
}

}  // namespace rooms
