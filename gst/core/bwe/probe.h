// SPDX-License-Identifier: LGPL-2.1-or-later
// A cluster of packets sent faster than the estimate, to learn whether the link carries it.
#pragma once

#include <cstdint>

#include "gst/core/units.h"

namespace rooms {

struct ProbePlan {
  std::int32_t id = 0;  ///< what its packets are recorded with
  DataRate rate;
  DataSize size;         ///< at least
  unsigned packets = 0;  ///< at least
};

}  // namespace rooms
