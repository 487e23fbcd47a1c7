// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody in a room, and the up to two connections they have.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/rtp/rtp_profile.h"
#include "pipelines/publication.h"
#include "pipelines/room.h"
#include "pipelines/subscription.h"

namespace rooms {

struct Participant {
  std::string id;
  std::string name;
  bool take_over = false;
  bool hidden = false;
  bool follows_demand = false;
  bool mutes_itself = false;
  bool takes_direct = false;
  std::vector<Codec> audio_codecs;  ///< it can decode, as it said when joining; empty: unknown
  std::vector<Codec> video_codecs;
  std::shared_ptr<RoomListener> listener;
  std::unique_ptr<Publication> publication;
  std::unique_ptr<Subscription> subscription;
  /// WHEP players: these participants in this order, or (empty) whoever speaks.
  bool plays = false;
  std::vector<std::string> wanted;
  std::optional<unsigned>
      last_n;  ///< most video tracks it wants; nullopt: as many as the room gives
  std::vector<std::string> pinned;  ///< participants it always wants to see
  std::optional<MixMode> wished_mode;
  MixMode mode = MixMode::kTracks;  ///< how it is sent the room
  int mix_height = 0;               ///< as of PlayRequest
  /// Mismatches it has been told of: track ids.
  std::vector<std::string> undecodable;

  [[nodiscard]] Peer* peer(ConnectionRole role) const {
    if (role == ConnectionRole::kPublish) return publication ? publication->peer() : nullptr;
    return subscription ? subscription->peer() : nullptr;
  }
  [[nodiscard]] ParticipantInfo info() const {
    ParticipantInfo info{id, name, {}};
    if (publication)
      for (const auto& track : publication->tracks()) info.tracks.push_back(track.info);
    return info;
  }
  /// Those of others, as they are; false: it gets them mixed.
  [[nodiscard]] bool takes_tracks(MediaKind kind) const {
    return mode == MixMode::kTracks || (mode == MixMode::kHybrid && kind == MediaKind::kVideo);
  }
  /// What it can decode: as its answer says, else as it said itself.
  [[nodiscard]] std::vector<Codec> decodable(MediaKind kind) const {
    if (subscription)
      if (auto codecs = subscription->decodable(kind); !codecs.empty()) return codecs;
    return kind == MediaKind::kAudio ? audio_codecs : video_codecs;
  }
};

}  // namespace rooms
