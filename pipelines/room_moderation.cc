// SPDX-License-Identifier: LGPL-2.1-or-later
// What a moderator changes: everything is looked at before anything is done.
#include "pipelines/room_core.h"

namespace rooms {

Status RoomCore::check_mutes(const RoomControl& control) const {
  for (const auto& [id, muted] : control.mute) {
    const auto participant = find(ModeratorMutes::participant_of(id));
    if (!ModeratorMutes::is_track(id) && (!participant || participant->hidden)) {
      return Error{"participant-unknown", "There is no participant '" + id.substr(0, 64) +
                                              "' in room '" + id_ + "' whom one could mute."};
    }
    if (ModeratorMutes::is_track(id) && !track_with_id(id)) {
      return Error{"track-unknown", "There is no track '" + id.substr(0, 160) + "' in room '" +
                                        id_ + "'; ids of tracks look like 'ada/camera'."};
    }
  }
  return Done{};
}

Status RoomCore::control(const RoomControl& control) {
  if (auto checked = check_mutes(control); !checked) return checked;
  if (auto done = control_mix(control.mix); !done) return done;

  if (control.topology) topology_ = *control.topology;
  // Of a participant first: what is said of its tracks in the same breath goes before.
  for (const bool tracks : {false, true})
    for (const auto& [id, muted] : control.mute)
      if (ModeratorMutes::is_track(id) == tracks) mutes_.set(id, muted);
  for (const auto& participant : std::vector(participants_)) moderate(*participant);
  for (const auto& participant : participants_) choose_mode(*participant);
  follow_topology();
  reassign();
  return Done{};
}

bool RoomCore::moderate(const Participant& publisher, PublishedTrack& track) const {
  const bool held = mutes_.mutes(track.info.id);
  if (track.info.moderated == held) return false;
  track.info.moderated = held;
  // Who can unmute itself only gets back the right to. Nobody's microphone is opened from afar.
  if (held || !publisher.mutes_itself) track.info.muted = held;
  return true;
}

void RoomCore::moderate(Participant& publisher) {
  if (!publisher.publication) return;
  for (auto& track : publisher.publication->tracks())
    if (moderate(publisher, track)) apply_muted(track, {});
}

void RoomCore::apply_muted(const PublishedTrack& track, const std::string& except) {
  const auto& info = track.info;
  const event::TrackMuted news{info.id, info.participant, info.muted, info.moderated};
  recordings_->set_muted(info.id, info.muted);
  playouts_->set_muted(info.id, info.muted);
  hls_->set_muted(info.id, info.muted);
  taps_->set_muted(info.id, info.muted);
  for (const auto& viewer : participants_)
    if (viewer->subscription) viewer->subscription->set_muted(info.id, info.muted);
  tell_others(except, news);
  if (info.kind == MediaKind::kVideo) reassign();
}

Status RoomCore::set_muted(const std::string& id, const std::string& track_id, bool muted) {
  const auto found = require(id);
  if (!found) return found.error();
  auto* track = track_with_id(track_id);
  if (!track) {
    return Error{"track-unknown",
                 "There is no track '" + track_id + "'; its id is in the 'published' message."};
  }
  if (track->info.participant != id) {
    return Error{
        "not-your-track",
        "The track '" + track_id + "' belongs to somebody else; only its publisher can mute it."};
  }
  if (track->info.muted == muted) return Done{};
  if (track->info.moderated) {
    return Error{"muted-by-moderator", "A moderator has muted the track '" + track_id +
                                           "'; only a moderator can let it be heard again."};
  }
  track->info.muted = muted;
  apply_muted(*track, id);
  return Done{};
}

void RoomCore::repeat_state(const std::string& id) {
  const auto participant = find(id);
  if (!participant) return;
  repeat_demand(*participant);
  tell(*participant, topology_event(*participant));
  if (!participant->publication) return;
  for (const auto& track : participant->publication->tracks())
    if (track.info.moderated)
      tell(*participant, event::TrackMuted{track.info.id, id, track.info.muted, true});
}

}  // namespace rooms
