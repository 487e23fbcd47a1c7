// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_retry.h"

namespace rooms {

void PushRetry::on_live() {
  back_off_.reset();
  denials_ = 0;
}

std::optional<Duration> PushRetry::on_failure(PushCause cause, double random) {
  const bool denied = cause == PushCause::kDenied || cause == PushCause::kCredentials ||
                      cause == PushCause::kTls || cause == PushCause::kBroken;
  denials_ = denied ? denials_ + 1 : 0;
  if (denials_ >= kMostDenials) return std::nullopt;
  return back_off_.next(random);
}

}  // namespace rooms
