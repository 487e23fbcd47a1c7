// SPDX-License-Identifier: LGPL-2.1-or-later
// What RTSP mounts and HTTP Live Streaming are given of the room: of whom, and of which of their
// tracks.
#include <algorithm>

#include "pipelines/room_core.h"
#include "pipelines/rtsp_payload.h"

namespace rooms {
namespace {

bool goes_by_rtsp(Codec codec) { return rtsp_payloader(codec).has_value(); }

std::vector<PlayableTrack> playable_tracks(const Participant& participant,
                                           bool (*plays)(Codec) = goes_by_rtsp) {
  std::vector<PlayableTrack> tracks;
  if (!participant.publication) return tracks;
  for (const auto& track : participant.publication->tracks())
    tracks.push_back({track.info.id, track.info.kind, track.info.label, track.codec,
                      track.info.muted, plays(track.codec)});
  return tracks;
}

}  // namespace

Result<RoomCore::ParticipantPtr> RoomCore::require_named(const std::string& name) const {
  auto participant = find(name);
  for (auto at = participants_.begin(); !participant && at != participants_.end(); ++at)
    if ((*at)->name == name && !(*at)->hidden) participant = *at;
  if (participant) return participant;
  return Error{"participant-unknown",
               "There is no participant '" + name.substr(0, 64) + "' in room '" + id_ + "'."};
}

Result<Playout> RoomCore::open_playout(const std::string& name, RoomPlayouts::Ended ended) {
  if (name.empty()) return playouts_->take_mix(std::move(ended));
  const auto named = require_named(name);
  if (!named) return named.error();
  const auto& participant = *named;
  auto playout = playouts_->take(participant->id, playable_tracks(*participant), std::move(ended));
  follow_topology();
  return playout;
}

void RoomCore::close_playout(unsigned number) {
  playouts_->give_back(number);
  follow_topology();
}

Result<std::shared_ptr<HlsStream>> RoomCore::open_hls(const std::string& name) {
  if (name.empty())
    return hls_->open_mix(mix_->settings(),
                          std::all_of(participants_.begin(), participants_.end(),
                                      [](const auto& one) { return one->hidden; }));
  const auto participant = require_named(name);
  if (!participant) return participant.error();
  auto stream = hls_->open((*participant)->id, playable_tracks(**participant, RoomHls::plays),
                           [this](const std::string& track) -> const std::vector<TrackLayer>& {
                             return layers_of(track);
                           });
  follow_topology();
  return stream;
}

void RoomCore::follow_playouts() {
  const auto follow = [this](auto& players, bool (*plays)(Codec)) {
    if (!players.needs_media()) return;
    RoomPlayouts::Tracks tracks;
    for (const auto& participant : participants_)
      tracks[participant->id] = playable_tracks(*participant, plays);
    players.follow(tracks);
  };
  follow(*playouts_, goes_by_rtsp);
  follow(*hls_, RoomHls::plays);
}

}  // namespace rooms
