// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/track_merger.h"

#include <algorithm>
#include <utility>

namespace rooms {

void TrackMerger::push(const std::string& track, EncodedFrame frame, Timestamp now) {
  auto& known = tracks_[track];
  known.ended = false;
  if (handed_on_ && frame.time < *handed_on_)
    patience_ =
        std::max(patience_, std::min(kMostPatience, patience_ + (*handed_on_ - frame.time)));
  known.waiting.push_back({std::move(frame), now});
}

void TrackMerger::end(const std::string& track) {
  const auto known = tracks_.find(track);
  if (known == tracks_.end()) return;
  known->second.ended = true;
  if (known->second.waiting.empty()) tracks_.erase(known);
}

TrackMerger::Tracks::iterator TrackMerger::earliest() {
  auto first = tracks_.end();
  for (auto at = tracks_.begin(); at != tracks_.end(); ++at) {
    if (at->second.waiting.empty()) continue;
    if (first == tracks_.end() ||
        at->second.waiting.front().frame.time < first->second.waiting.front().frame.time)
      first = at;
  }
  return first;
}

TrackMerger::Merged TrackMerger::take(Tracks::iterator track) {
  Merged merged{track->first, std::move(track->second.waiting.front().frame)};
  track->second.waiting.pop_front();
  handed_on_ = std::max(handed_on_.value_or(merged.frame.time), merged.frame.time);
  if (track->second.ended && track->second.waiting.empty()) tracks_.erase(track);
  return merged;
}

std::optional<TrackMerger::Merged> TrackMerger::pop(Timestamp now) {
  const auto first = earliest();
  if (first == tracks_.end()) return std::nullopt;
  const bool all_came = std::all_of(tracks_.begin(), tracks_.end(), [](const auto& entry) {
    return entry.second.ended || !entry.second.waiting.empty();
  });
  if (!all_came && now - first->second.waiting.front().since < patience_) return std::nullopt;
  return take(first);
}

std::optional<TrackMerger::Merged> TrackMerger::pop_any() {
  const auto first = earliest();
  if (first == tracks_.end()) return std::nullopt;
  return take(first);
}

}  // namespace rooms
