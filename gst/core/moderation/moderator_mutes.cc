// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/moderation/moderator_mutes.h"

namespace rooms {

std::string ModeratorMutes::participant_of(std::string_view id) {
  return std::string(id.substr(0, id.find('/')));
}

void ModeratorMutes::set(const std::string& id, bool muted) {
  if (!is_track(id)) forget(id);
  said_.erase(id);
  // What follows from the participant needs no entry: entries go on as long as tracks do not.
  if (mutes(id) != muted) said_.emplace(id, muted);
}

void ModeratorMutes::forget(const std::string& participant) {
  std::erase_if(said_,
                [&](const auto& entry) { return participant_of(entry.first) == participant; });
}

bool ModeratorMutes::mutes(const std::string& track) const {
  if (const auto own = said_.find(track); own != said_.end()) return own->second;
  const auto participant = said_.find(participant_of(track));
  return participant != said_.end() && participant->second;
}

}  // namespace rooms
