// SPDX-License-Identifier: LGPL-2.1-or-later
// Where rooms may be pushed to: a server that connects to whatever it is told reaches hosts that
// whoever told it does not.
#pragma once

#include <string>
#include <vector>

#include "gst/core/push/push_address.h"
#include "gst/core/result.h"

namespace rooms {

struct PushAllowance {
  bool anywhere = true;
  /// Otherwise: "live.example", "live.example:1935", "*.example" (what is below it). None: nowhere.
  std::vector<std::string> hosts;
};

/// Errors: "push-off" (nowhere), "push-not-allowed" (not there).
Status check_allowed(const PushAllowance& allowance, const PushAddress& address);

}  // namespace rooms
