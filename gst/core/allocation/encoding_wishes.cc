// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/encoding_wishes.h"

#include <algorithm>

namespace rooms {
namespace {

/// Less makes no picture.
constexpr DataRate kLeastUseful = DataRate::kilobits_per_second(50);
/// So much more room than it ever took: it need not be held back.
constexpr double kAmple = 1.2;

std::vector<std::string> rids_of(const std::vector<TrackLayer>& layers) {
  std::vector<std::string> rids;
  for (const auto& layer : layers)
    if (rids.empty() || rids.back() != layer.rid) rids.push_back(layer.rid);
  return rids;
}

bool fits(const SlotAllocation& given) {
  return given.reason != AllocationReason::kBudget &&
         given.reason != AllocationReason::kPausedForBudget;
}

std::vector<EncodingWish> as_far_as_it_goes(const ShownTrack& shown, DataRate spare) {
  const auto& rid = shown.layers.front().rid;
  if (fits(shown.given) && !shown.is_capped) return {{rid, DataRate::unlimited()}};
  const auto most = shown.given.bitrate + spare;
  if (most < kLeastUseful) return {};
  const bool ample = shown.unrestrained > DataRate() && most > shown.unrestrained * kAmple;
  return {{rid, ample ? DataRate::unlimited() : most}};
}

}  // namespace

bool is_indivisible(const std::vector<TrackLayer>& layers) { return layers.size() == 1; }

std::vector<EncodingWish> wishes_for(const ShownTrack& shown, std::optional<DataRate> spare) {
  std::vector<EncodingWish> wishes;
  switch (shown.given.reason) {
    case AllocationReason::kPausedByClient:
    case AllocationReason::kNotVisible:
      return wishes;
    case AllocationReason::kNoLayers:
      // What has not begun yet is not stopped.
      for (auto& rid : rids_of(shown.layers)) wishes.push_back({rid, DataRate::unlimited()});
      return wishes;
    default:
      break;
  }
  if (shown.layers.empty()) return wishes;
  if (spare && is_indivisible(shown.layers)) return as_far_as_it_goes(shown, *spare);
  const auto wish = [&](const std::string& rid) {
    if (wishes.empty() || wishes.back().rid != rid) wishes.push_back({rid, DataRate::unlimited()});
  };
  if (spare) wish(shown.layers.front().rid);
  if (!shown.given.layer) return wishes;
  const auto given = std::find_if(shown.layers.begin(), shown.layers.end(), [&](const auto& layer) {
    return layer.spatial == shown.given.layer->spatial;
  });
  wish(given != shown.layers.end() ? given->rid : shown.layers.back().rid);
  return wishes;
}

}  // namespace rooms
