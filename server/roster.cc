// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/roster.h"

#include <algorithm>

namespace rooms {

ParticipantInfo* Roster::find(const std::string& id) {
  const auto found = std::find_if(others_.begin(), others_.end(),
                                  [&](const auto& other) { return other.id == id; });
  return found == others_.end() ? nullptr : &*found;
}

void Roster::observe(const RoomEvent& event) {
  if (const auto* joined = std::get_if<event::ParticipantJoined>(&event)) {
    if (auto* known = find(joined->participant.id)) {
      *known = joined->participant;
    } else {
      others_.push_back(joined->participant);
    }
  } else if (const auto* left = std::get_if<event::ParticipantLeft>(&event)) {
    std::erase_if(others_, [&](const auto& other) { return other.id == left->participant; });
  } else if (const auto* added = std::get_if<event::TrackAdded>(&event)) {
    auto* sender = find(added->track.participant);
    if (!sender) return;
    std::erase_if(sender->tracks, [&](const auto& track) { return track.id == added->track.id; });
    sender->tracks.push_back(added->track);
  } else if (const auto* removed = std::get_if<event::TrackRemoved>(&event)) {
    auto* sender = find(removed->participant);
    if (!sender) return;
    std::erase_if(sender->tracks, [&](const auto& track) { return track.id == removed->track; });
  } else if (const auto* muted = std::get_if<event::TrackMuted>(&event)) {
    auto* sender = find(muted->participant);
    if (!sender) return;
    for (auto& track : sender->tracks) {
      if (track.id != muted->track) continue;
      track.muted = muted->muted;
      track.moderated = muted->moderated;
    }
  }
}

}  // namespace rooms
