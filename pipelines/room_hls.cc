// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_hls.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "gst/glue/clock.h"
#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

constexpr Duration kIdleCheck = std::chrono::seconds(1);
/// How often frames become parts or segments: a part is half a second.
constexpr Duration kPartInterval = std::chrono::milliseconds(20);
constexpr Duration kSegmentInterval = std::chrono::milliseconds(100);

std::string fresh_run(RoomContext& room) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", unsigned{room.random_ssrc()},
                unsigned{room.random_ssrc()});
  return text.data();
}

/// Of the renditions of the picture; 0: as it is.
std::vector<int> heights_of(const HlsPolicy& policy, Size mix) {
  std::vector<int> heights = {0};
  for (const int height : policy.heights)
    if (height < mix.height) heights.push_back(height);
  return heights;
}

HlsPackager::Source source_of(const TrackTap* tap) {
  if (!tap) return {};
  return {tap->stream(), tap->keyframe_request()};
}

bool is_muted(const std::vector<PlayableTrack>& tracks, const std::string& id) {
  return std::any_of(tracks.begin(), tracks.end(),
                     [&](const auto& track) { return track.id == id && track.muted; });
}

/// A picture comes that no player takes.
const PlayableTrack* unplayable_picture(const std::vector<PlayableTrack>& tracks) {
  const auto found = std::find_if(tracks.begin(), tracks.end(), [](const auto& track) {
    return track.kind == MediaKind::kVideo && !track.muted && !track.playable;
  });
  return found == tracks.end() ? nullptr : &*found;
}

Error off() { return {"hls-off", "This server has no HLS; --hls on would give it some."}; }

/// Spatial layers, the best first, also those that rest as long as nobody takes them; -1: whatever
/// there is.
std::vector<int> spatial_layers(const std::vector<TrackLayer>& layers) {
  std::vector<int> found;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
    if (found.empty() || found.back() != layer->spatial) found.push_back(layer->spatial);
  if (found.empty()) return {-1};
  found.front() = -1;  // and better ones that may come
  return found;
}

}  // namespace

bool RoomHls::plays(Codec codec) {
  return codec == Codec::kH264 || codec == Codec::kOpus || codec == Codec::kRed;
}

RoomHls::StreamPtr RoomHls::running(const std::string& participant) const {
  const auto found = programmes_.find(participant);
  return found == programmes_.end() ? nullptr : found->second.stream;
}

HlsProgramme::Config RoomHls::config(std::size_t pictures, Timestamp now) const {
  HlsProgramme::Config config;
  config.settings = policy_.settings;
  config.run = fresh_run(room_);
  config.pictures = static_cast<unsigned>(pictures);
  config.anchor = now;
  config.wall_offset = wall_clock() - now.time_since_epoch();
  return config;
}

RoomHls::StreamPtr RoomHls::begin(const std::string& participant, Programme programme,
                                  const HlsProgramme::Config& config,
                                  std::vector<HlsPackager::Source> pictures,
                                  HlsPackager::Source sound, Timestamp now) {
  programme.stream = std::make_shared<HlsStream>(config, now);
  programme.packager = std::make_unique<HlsPackager>(
      programme.stream, std::move(pictures), std::move(sound),
      policy_.settings.low_latency ? kPartInterval : kSegmentInterval);
  if (!timer_.pending()) timer_ = room_.executor.call_every(kIdleCheck, [this] { end_idle(); });
  return programmes_.emplace(participant, std::move(programme)).first->second.stream;
}

Result<RoomHls::StreamPtr> RoomHls::open_mix(const MixSettings& settings, bool is_empty) {
  if (!policy_.enabled) return off();
  if (auto stream = running({})) return stream;
  if (is_empty) return Error{"hls-nobody", "Nobody is in the room: there is nothing to see."};
  const auto now = monotonic_now();
  Programme programme;
  std::vector<HlsPackager::Source> pictures;
  std::vector<std::uint64_t> bitrates;
  for (const int height : heights_of(policy_, settings.size)) {
    const auto sound = height == 0 ? Codec::kAac : Codec::kUnknown;
    auto taken = takers_.take({Codec::kH264, sound, height});
    if (!taken) return taken.error();
    pictures.push_back(source_of((*taken)->picture()));
    bitrates.push_back(
        mix_bitrate(scaled_to_height(settings.size, height), settings.size, settings.bitrate));
    programme.takings.push_back(std::move(*taken));
  }
  takers_.align_keyframes(now + policy_.settings.segment, policy_.settings.segment);
  auto described = config(pictures.size(), now);
  described.bitrates = std::move(bitrates);
  const auto sound = source_of(programme.takings.front()->sound());
  return begin({}, std::move(programme), described, std::move(pictures), sound, now);
}

Result<RoomHls::StreamPtr> RoomHls::open(const std::string& participant,
                                         const std::vector<PlayableTrack>& tracks,
                                         const MixVideo::LayersOf& layers_of) {
  if (!policy_.enabled) return off();
  if (auto stream = running(participant)) return stream;
  Programme programme;
  programme.chosen = choose_playout(tracks);
  const auto& [picture, sound] = programme.chosen;
  if (const auto* other = unplayable_picture(tracks); other && !picture)
    return Error{"codec-not-playable",
                 "'" + participant + "' sends " + std::string(name_of(other->codec)) +
                     ", which players of HLS do not take: H.264 is needed. The mix of the room "
                     "can be played: /hls/{room}/index.m3u8."};
  if (!picture && !sound)
    return Error{"nothing-to-play",
                 "'" + participant + "' sends nothing now that HLS could carry."};
  const auto now = monotonic_now();
  std::vector<HlsPackager::Source> pictures;
  if (picture) {
    for (const int spatial : spatial_layers(layers_of(picture->id))) {
      programme.layers.push_back(
          std::make_unique<TrackTap>(room_, picture->id, is_muted(tracks, picture->id), spatial));
      pictures.push_back(source_of(programme.layers.back().get()));
    }
  }
  auto described = config(pictures.size(), now);
  described.sound = sound.has_value();
  described.silence = true;
  if (sound)
    programme.sound = std::make_unique<TrackTap>(room_, sound->id, is_muted(tracks, sound->id));
  const auto heard = source_of(programme.sound.get());
  return begin(participant, std::move(programme), described, std::move(pictures), heard, now);
}

void RoomHls::follow(const std::map<std::string, std::vector<PlayableTrack>>& tracks) {
  for (auto at = programmes_.begin(); at != programmes_.end();) {
    auto& [participant, programme] = *at;
    const auto found = tracks.find(participant);
    const bool ends =
        !participant.empty() &&
        !end_of_playout(programme.chosen, programme.lost,
                        found == tracks.end() ? std::vector<PlayableTrack>() : found->second)
             .empty();
    at = ends ? programmes_.erase(at) : std::next(at);
  }
}

void RoomHls::set_muted(const std::string& track, bool muted) {
  for (auto& [participant, programme] : programmes_) {
    if (programme.chosen.picture && programme.chosen.picture->id == track)
      for (const auto& layer : programme.layers) layer->set_muted(muted);
    if (programme.sound && programme.chosen.sound->id == track) programme.sound->set_muted(muted);
  }
}

bool RoomHls::takes(const std::string& track) const {
  return std::any_of(programmes_.begin(), programmes_.end(), [&](const auto& entry) {
    return entry.second.chosen.picture && entry.second.chosen.picture->id == track;
  });
}

bool RoomHls::needs_media() const {
  return std::any_of(programmes_.begin(), programmes_.end(),
                     [](const auto& entry) { return !entry.first.empty(); });
}

void RoomHls::end_idle() {
  const auto now = monotonic_now();
  std::erase_if(programmes_, [&](const auto& entry) {
    return now - entry.second.stream->asked() >= policy_.linger;
  });
  if (programmes_.empty()) timer_.cancel();
}

void RoomHls::close() {
  timer_.cancel();
  // Whoever hears that the mix is not taken any more finds nothing here.
  const auto ended = std::exchange(programmes_, {});
}

}  // namespace rooms
