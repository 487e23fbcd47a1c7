// SPDX-License-Identifier: LGPL-2.1-or-later
// What processes have used so far, by /proc.
#pragma once

#include <vector>

#include "gst/core/time.h"

namespace rooms::load {

struct ServerUsage {
  Duration cpu{};  ///< user and system, all threads
  double rss_mib = 0;
  unsigned threads = 0;
  unsigned fds = 0;
  bool alive = true;  ///< all of them
};

/// The sum over `pids`; nothing when there are none.
ServerUsage usage_of(const std::vector<int>& pids);
/// CPU of this process.
Duration own_cpu();

}  // namespace rooms::load
