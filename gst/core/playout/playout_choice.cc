// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/playout_choice.h"

#include <algorithm>

namespace rooms {
namespace {

using Tracks = std::vector<PlayableTrack>;
using Choice = std::optional<PlayoutChoice::Track>;

Choice choose(const Tracks& tracks, MediaKind kind, const char* preferred) {
  const auto suits = [&](const PlayableTrack& track) {
    const bool shows = kind == MediaKind::kAudio || !track.muted;
    return track.kind == kind && track.playable && shows;
  };
  auto found = std::find_if(tracks.begin(), tracks.end(), [&](const auto& track) {
    return suits(track) && track.label == preferred;
  });
  if (found == tracks.end()) found = std::find_if(tracks.begin(), tracks.end(), suits);
  if (found == tracks.end()) return std::nullopt;
  return PlayoutChoice::Track{found->id, found->codec};
}

bool is_among(const Tracks& tracks, const PlayoutChoice::Track& chosen) {
  return std::any_of(tracks.begin(), tracks.end(),
                     [&](const auto& track) { return track.id == chosen.id; });
}

bool is_changed(const Tracks& tracks, const PlayoutChoice::Track& chosen) {
  return std::any_of(tracks.begin(), tracks.end(), [&](const auto& track) {
    return track.id == chosen.id && track.codec != chosen.codec;
  });
}

/// True: it is to be ended for another one.
bool is_replaced(const Choice& chosen, bool& lost, const Tracks& tracks, const Choice& now) {
  if (chosen && is_changed(tracks, *chosen)) return true;
  if (chosen && !lost && is_among(tracks, *chosen)) return false;
  lost = true;  // also what never was there
  return now.has_value();
}

}  // namespace

PlayoutChoice choose_playout(const Tracks& tracks) {
  return {choose(tracks, MediaKind::kVideo, "camera"),
          choose(tracks, MediaKind::kAudio, "microphone")};
}

std::string end_of_playout(const PlayoutChoice& chosen, PlayoutLoss& lost, const Tracks& tracks) {
  if (tracks.empty()) return "the participant has left, or sends nothing any more";
  const auto now = choose_playout(tracks);
  if (is_replaced(chosen.picture, lost.picture, tracks, now.picture))
    return "there is another picture now";
  if (is_replaced(chosen.sound, lost.sound, tracks, now.sound)) return "there is another sound now";
  if (lost.picture && lost.sound) return "the participant sends nothing of it any more";
  return {};
}

}  // namespace rooms
