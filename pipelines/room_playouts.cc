// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_playouts.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr MixWish kPlayedMix{Codec::kH264, Codec::kAac};

PlayoutStream stream_of(const TrackTap& tap, Codec codec) {
  return {codec, tap.stream(), tap.keyframe_request()};
}

bool is_muted(const std::vector<PlayableTrack>& tracks, const std::string& id) {
  return std::any_of(tracks.begin(), tracks.end(),
                     [&](const auto& track) { return track.id == id && track.muted; });
}

}  // namespace

Result<Playout> RoomPlayouts::take_mix(Ended ended) {
  auto taken = takers_.take(kPlayedMix);
  if (!taken) return taken.error();
  Playout playout{++last_number_, {}, {}};
  auto& entry = entries_[playout.number];
  entry.mix = std::move(*taken);
  entry.ended = std::move(ended);
  playout.picture = stream_of(*entry.mix->picture(), kPlayedMix.picture);
  playout.sound = stream_of(*entry.mix->sound(), kPlayedMix.sound);
  return playout;
}

Result<Playout> RoomPlayouts::take(const std::string& participant,
                                   const std::vector<PlayableTrack>& tracks, Ended ended) {
  const auto chosen = choose_playout(tracks);
  if (!chosen.picture && !chosen.sound)
    return Error{"nothing-to-play",
                 "'" + participant + "' sends nothing now that RTSP could carry."};
  Playout playout{++last_number_, {}, {}};
  auto& entry = entries_[playout.number];
  entry.participant = participant;
  entry.chosen = chosen;
  entry.ended = std::move(ended);
  const auto tap = [&](const std::optional<PlayoutChoice::Track>& track,
                       std::unique_ptr<TrackTap>& made) -> std::optional<PlayoutStream> {
    if (!track) return std::nullopt;
    made = std::make_unique<TrackTap>(room_, track->id, is_muted(tracks, track->id));
    return stream_of(*made, track->codec);
  };
  playout.picture = tap(chosen.picture, entry.picture);
  playout.sound = tap(chosen.sound, entry.sound);
  return playout;
}

void RoomPlayouts::give_back(unsigned number) { entries_.erase(number); }

void RoomPlayouts::release_lost(Entry& entry) {
  if (entry.lost.picture) entry.picture.reset();
  if (entry.lost.sound) entry.sound.reset();
}

void RoomPlayouts::follow(const Tracks& tracks) {
  std::vector<std::pair<Ended, std::string>> news;
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto& entry = at->second;
    if (entry.mix) {
      ++at;
      continue;
    }
    const auto found = tracks.find(entry.participant);
    const auto reason =
        end_of_playout(entry.chosen, entry.lost,
                       found == tracks.end() ? std::vector<PlayableTrack>() : found->second);
    release_lost(entry);
    if (reason.empty()) {
      ++at;
      continue;
    }
    news.emplace_back(std::move(entry.ended), reason);
    at = entries_.erase(at);
  }
  for (const auto& [ended, reason] : news) ended(reason);
}

void RoomPlayouts::set_muted(const std::string& track, bool muted) {
  for (auto& [number, entry] : entries_) {
    if (entry.picture && entry.chosen.picture->id == track) entry.picture->set_muted(muted);
    if (entry.sound && entry.chosen.sound->id == track) entry.sound->set_muted(muted);
  }
}

bool RoomPlayouts::takes(const std::string& track) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.picture && entry.second.chosen.picture->id == track;
  });
}

bool RoomPlayouts::needs_media() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return !entry.second.mix; });
}

void RoomPlayouts::close(const std::string& reason) {
  auto entries = std::exchange(entries_, {});
  std::vector<Ended> listeners;
  for (auto& [number, entry] : entries) listeners.push_back(std::move(entry.ended));
  entries.clear();
  for (const auto& ended : listeners) ended(reason);
}

}  // namespace rooms
