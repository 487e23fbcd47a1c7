// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/last_n.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace rooms {
namespace {

using Places = std::unordered_map<std::string, std::size_t>;

Places places_in(const std::vector<std::string>& list) {
  Places places;
  for (std::size_t i = 0; i < list.size(); ++i) places.emplace(list[i], i);
  return places;
}

}  // namespace

std::vector<std::size_t> select_tracks(const std::vector<CandidateTrack>& candidates,
                                       const LastNPolicy& policy) {
  const auto pinned = places_in(policy.pinned);
  const auto speakers = places_in(policy.speakers);
  // Smaller is better: the class, the place within it, the position.
  using Rank = std::array<std::size_t, 3>;
  std::vector<Rank> ranks;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    if (const auto pin = pinned.find(candidate.participant); pin != pinned.end()) {
      ranks.push_back({0, pin->second, i});
    } else if (candidate.is_muted) {
      ranks.push_back({4, 0, i});
    } else if (candidate.is_screen) {
      ranks.push_back({1, 0, i});
    } else if (const auto spoke = speakers.find(candidate.participant); spoke != speakers.end()) {
      ranks.push_back({2, spoke->second, i});
    } else {
      ranks.push_back({3, 0, i});
    }
  }
  std::sort(ranks.begin(), ranks.end());

  std::unordered_set<std::string> loudest;
  if (policy.loudest) loudest.insert(policy.loudest->begin(), policy.loudest->end());
  std::vector<std::size_t> selected;
  std::size_t videos = 0;
  for (const auto& rank : ranks) {
    const auto& candidate = candidates[rank[2]];
    const bool is_wanted = candidate.kind == MediaKind::kVideo
                               ? !policy.last_n || videos < *policy.last_n
                               : !policy.loudest || loudest.contains(candidate.track);
    if (!is_wanted) continue;
    if (candidate.kind == MediaKind::kVideo) ++videos;
    selected.push_back(rank[2]);
  }
  return selected;
}

}  // namespace rooms
