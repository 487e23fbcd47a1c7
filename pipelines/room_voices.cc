// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_voices.h"

#include <utility>

namespace rooms {
namespace {

/// Who negotiated levels tells them from the first packet on. Until this much later a track counts
/// as silent, so that a newcomer displaces nobody while its first packets are under way.
constexpr Duration kUntoldPatience = std::chrono::milliseconds(500);

}  // namespace

RoomVoices::RoomVoices(std::optional<unsigned> loudest) {
  if (!loudest) return;
  LoudestStreams::Config config;
  config.count = *loudest;
  loudest_.emplace(config);
}

RoomVoices::Changes RoomVoices::watch(const Participants& participants, Timestamp now) {
  for (const auto& participant : participants)
    if (participant->publication) listen(*participant, now);
  Changes changes;
  changes.speaker = speakers_.evaluate(now);
  changes.loudest = choose(participants, now);
  return changes;
}

void RoomVoices::listen(const Participant& participant, Timestamp now) {
  for (const auto& track : participant.publication->take_audio_levels()) {
    for (const auto& heard : track.heard)
      speakers_.observe(participant.id, track.muted ? kSilentLevel : heard.level, heard.when);
    if (!loudest_) continue;
    auto& sound = sounds_[track.track];
    sound.muted = track.muted;
    sound.tells = sound.tells || !track.heard.empty();
    if (track.receives && !sound.received_since) sound.received_since = now;
    for (const auto& heard : track.heard) sound.levels.insert(heard.level, heard.when);
  }
}

std::optional<unsigned> RoomVoices::level_of(const Sound& sound, Timestamp now) {
  if (sound.tells) return sound.muted ? kSilentLevel : sound.levels.level(now);
  const bool is_untold = sound.received_since && now - *sound.received_since >= kUntoldPatience;
  return is_untold ? std::nullopt : std::optional(kSilentLevel);
}

void RoomVoices::follow(const Participants& participants, Timestamp now) {
  choose(participants, now);
}

bool RoomVoices::choose(const Participants& participants, Timestamp now) {
  if (!loudest_) return false;
  std::vector<StreamLevel> streams;
  std::map<std::string, Sound> present;
  std::string dominant;
  for (const auto& participant : participants) {
    if (!participant->publication) continue;
    for (const auto& track : participant->publication->tracks()) {
      if (track.info.kind != MediaKind::kAudio) continue;
      const auto& id = track.info.id;
      auto& sound = present[id];
      if (const auto known = sounds_.find(id); known != sounds_.end())
        sound = std::move(known->second);
      streams.push_back({id, level_of(sound, now)});
      if (participant->id == speaker() && dominant.empty() && track.info.label != "screen-audio")
        dominant = id;
    }
  }
  sounds_ = std::move(present);
  return loudest_->select(streams, dominant, now);
}

std::optional<std::vector<std::string>> RoomVoices::loudest() const {
  if (!loudest_) return std::nullopt;
  return loudest_->selected();
}

}  // namespace rooms
