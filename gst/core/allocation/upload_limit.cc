// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/upload_limit.h"

#include <algorithm>

namespace rooms {
namespace {

/// For retransmissions, and so that an encoding that is still growing may go on to.
constexpr double kRoom = 1.25;
/// A sender without any rate would have to begin anew.
constexpr DataRate kLeast = DataRate::kilobits_per_second(50);

bool is_held_back(const EncodingUpload& encoding) {
  return !encoding.demand.active || encoding.demand.max_bitrate;
}

/// Up to the highest that is wanted; nullopt: nobody knows how much that is.
std::optional<DataRate> wanted_of(std::span<const EncodingUpload> encodings) {
  const auto is_wanted = [](const auto& encoding) { return encoding.demand.active; };
  const auto top = std::find_if(encodings.rbegin(), encodings.rend(), is_wanted).base();
  DataRate sum;
  for (auto at = encodings.begin(); at != top; ++at) {
    if (at->demand.max_bitrate) {
      sum = sum + *at->demand.max_bitrate;
    } else if (at->most > DataRate()) {
      sum = sum + at->most * kRoom;
    } else if (at->demand.active) {
      return std::nullopt;
    }
  }
  return sum;
}

}  // namespace

std::optional<DataRate> upload_limit(std::span<const std::vector<EncodingUpload>> tracks,
                                     DataRate audio) {
  DataRate sum = audio;
  bool holds_back = false;
  for (const auto& encodings : tracks) {
    holds_back |= std::any_of(encodings.begin(), encodings.end(), is_held_back);
    const auto wanted = wanted_of(encodings);
    if (!wanted) return std::nullopt;
    sum = sum + *wanted;
  }
  if (!holds_back) return std::nullopt;
  return std::max(sum, kLeast);
}

}  // namespace rooms
