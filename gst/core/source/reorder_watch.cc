// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/reorder_watch.h"

namespace rooms {
namespace {

/// A picture is not put off longer than that by those decoded before it; more is a stream that
/// begins anew.
constexpr Duration kMostReordering = std::chrono::seconds(2);
/// Containers that count in milliseconds make equal times differ by rounding.
constexpr Duration kRounding = std::chrono::milliseconds(2);

}  // namespace

bool ReorderWatch::observe(Timestamp shown_at) {
  if (latest_ && shown_at < *latest_ - kRounding && *latest_ - shown_at < kMostReordering)
    reorders_ = true;
  const bool begins_anew = latest_ && *latest_ - shown_at >= kMostReordering;
  if (!latest_ || shown_at > *latest_ || begins_anew) latest_ = shown_at;
  return reorders_;
}

}  // namespace rooms
