// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a push that got lost is tried again, and when. Sans clock.
#pragma once

#include <optional>

#include "gst/core/client/back_off.h"
#include "gst/core/push/push_cause.h"

namespace rooms {

class PushRetry {
 public:
  /// A server that says no is asked so often in a row: it may still hold on to a connection of ours
  /// that broke.
  static constexpr unsigned kMostDenials = 4;

  /// Media flows.
  void on_live();
  /// How long to wait, 0.4 to 19 s; nullopt: it is no use. `random`: 0..1.
  std::optional<Duration> on_failure(PushCause cause, double random);

 private:
  BackOff back_off_;
  unsigned denials_ = 0;
};

}  // namespace rooms
