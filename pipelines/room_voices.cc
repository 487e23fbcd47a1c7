// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_voices.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

/// Who negotiated levels tells them from the first packet on. Until this much later a track counts
/// as silent, so that a newcomer displaces nobody while its first packets are under way.
constexpr Duration kUntoldPatience = std::chrono::milliseconds(500);

std::optional<LoudestStreams> loudest_of(std::optional<unsigned> count) {
  if (!count) return std::nullopt;
  LoudestStreams::Config config;
  config.count = *count;
  return LoudestStreams(config);
}

}  // namespace

RoomVoices::RoomVoices(std::optional<unsigned> loudest, std::optional<unsigned> mixed)
    : loudest_(loudest_of(loudest)), mixed_(loudest_of(mixed)) {}

RoomVoices::Changes RoomVoices::watch(const Participants& participants, Timestamp now) {
  for (const auto& participant : participants)
    if (participant->publication) listen(*participant, now);
  const bool speaker = speakers_.evaluate(now);
  auto changes = choose(participants, now);
  changes.speaker = speaker;
  return changes;
}

void RoomVoices::listen(const Participant& participant, Timestamp now) {
  for (const auto& track : participant.publication->take_audio_levels()) {
    for (const auto& heard : track.heard)
      speakers_.observe(participant.id, track.muted ? kSilentLevel : heard.level, heard.when);
    if (!loudest_ && !mixed_) continue;
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

RoomVoices::Changes RoomVoices::choose(const Participants& participants, Timestamp now) {
  if (!loudest_ && !mixed_) return {};
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
  Changes changes;
  changes.loudest = loudest_ && loudest_->select(streams, dominant, now);
  changes.mixed = mixed_ && mixed_->select(streams, dominant, now);
  return changes;
}

bool RoomVoices::is_mixed(const std::string& track) const {
  if (!mixed_) return true;
  const auto& chosen = mixed_->selected();
  return std::find(chosen.begin(), chosen.end(), track) != chosen.end();
}

std::optional<std::vector<std::string>> RoomVoices::loudest() const {
  if (!loudest_) return std::nullopt;
  return loudest_->selected();
}

}  // namespace rooms
