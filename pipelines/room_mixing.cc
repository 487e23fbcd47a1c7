// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is in the mix of a room, and who takes it.
#include <algorithm>
#include <set>

#include "gst/glue/clock.h"
#include "pipelines/mix_codecs.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

/// More would be tiles in which nobody is recognised.
constexpr std::size_t kMostTiles = 16;

/// The best one that the viewer decodes; kUnknown: none.
Codec picture_codec(const Participant& viewer) {
  const auto decodable = viewer.decodable(MediaKind::kVideo);
  for (const auto codec : mix_video_codecs())
    if (decodable.empty() ||
        std::find(decodable.begin(), decodable.end(), codec) != decodable.end())
      return codec;
  return Codec::kUnknown;
}

bool takes_picture(const Participant& viewer) {
  return viewer.subscription && viewer.mode == MixMode::kMix;
}

bool takes_sound(const Participant& viewer) {
  return viewer.subscription && viewer.mode != MixMode::kTracks;
}

}  // namespace

Status RoomCore::control_mix(const MixControl& control) {
  return mix_->control(control, [this](const std::string& id) {
    const auto participant = find(id);
    return participant && !participant->hidden;
  });
}

void RoomCore::choose_mode(Participant& viewer) const {
  const auto usual = topology_ == Topology::kMcu ? MixMode::kMix : MixMode::kTracks;
  viewer.mode = viewer.wished_mode.value_or(usual);
}

MixFormat RoomCore::mix_format(const Participant& viewer) const {
  const bool is_smaller = viewer.mix_height < mix_->settings().size.height;
  return {picture_codec(viewer), is_smaller ? viewer.mix_height : 0};
}

bool RoomCore::somebody_takes_mix() const {
  return !takers_->is_empty() ||
         std::any_of(participants_.begin(), participants_.end(),
                     [](const auto& participant) { return takes_sound(*participant); });
}

std::vector<MixPicture> RoomCore::mixed_pictures() const {
  std::vector<CandidateTrack> candidates;
  std::vector<MixPicture> pictures;
  for (const auto& participant : participants_) {
    if (!participant->publication || !mix_->settings().of(participant->id).mixed) continue;
    for (const auto& track : participant->publication->tracks()) {
      const auto& info = track.info;
      if (info.kind != MediaKind::kVideo || !decoder_line(track.codec)) continue;
      const bool screen = info.label == "screen";
      candidates.push_back({info.id, info.participant, info.kind, screen, info.muted});
      pictures.push_back(
          {info.id, info.participant, participant->name, track.codec, screen, info.muted});
    }
  }
  LastNPolicy policy;
  policy.last_n = kMostTiles;
  policy.speakers = voices_.recent();
  std::vector<MixPicture> chosen;
  for (const auto index : select_tracks(candidates, policy)) chosen.push_back(pictures[index]);
  return chosen;
}

std::vector<MixSound> RoomCore::mixed_sounds() const {
  std::vector<MixSound> sounds;
  for (const auto& participant : participants_) {
    const auto settings = mix_->settings().of(participant->id);
    if (!participant->publication || !settings.mixed) continue;
    for (const auto& track : participant->publication->tracks()) {
      const auto& info = track.info;
      if (info.kind != MediaKind::kAudio || !decoder_line(track.codec)) continue;
      const bool silent = info.muted || !voices_.is_mixed(info.id);
      sounds.push_back({info.id, info.participant, track.codec, silent, settings.volume});
    }
  }
  return sounds;
}

MixScene RoomCore::mix_scene() const {
  MixScene scene;
  for (const auto& participant : participants_) {
    if (takes_sound(*participant)) scene.listeners.participants.insert(participant->id);
    if (!takes_picture(*participant)) continue;
    if (const auto format = mix_format(*participant); format.codec != Codec::kUnknown)
      scene.video.insert(format);
  }
  for (const auto* taker : takers_->all()) {
    const auto& wish = taker->wish();
    if (wish.picture != Codec::kUnknown) scene.video.insert(wish.format());
    if (wish.sound != Codec::kUnknown) scene.listeners.whole.insert(wish.sound);
  }
  scene.pictures = mixed_pictures();
  scene.sounds = mixed_sounds();
  scene.speaker = voices_.speaker();
  return scene;
}

void RoomCore::follow_mix() {
  if (!mix_->is_built() && !somebody_takes_mix()) return;
  mix_->follow(mix_scene(), monotonic_now());
  mix_->follow_layers([this](const std::string& track) -> const std::vector<TrackLayer>& {
    return layers_of(track);
  });
}

void RoomCore::renew_mix() {
  follow_mix();
  for (const auto& participant : std::vector(participants_))
    if (participant->mode != MixMode::kTracks) reassign(*participant);
}

std::vector<const PublishedTrack*> RoomCore::mix_for(const Participant& viewer) const {
  std::vector<const PublishedTrack*> tracks;
  if (takes_picture(viewer))
    if (const auto* picture = mix_->picture(mix_format(viewer))) tracks.push_back(picture);
  if (takes_sound(viewer)) tracks.push_back(&mix_->sound());
  return tracks;
}

void RoomCore::collect_mix_wishes(Wishes& wishes) {
  collect_decoder_wishes(mix_->decoded(), wishes);
  collect_decoder_wishes(transcoder_->decoded(), wishes);
}

void RoomCore::collect_decoder_wishes(const std::vector<MixVideo::Decoded>& all, Wishes& wishes) {
  for (const auto& decoded : all) {
    const auto* track = track_with_id(decoded.track);
    if (!track) continue;
    const auto& layers = layers_of(decoded.track);
    const auto taken = std::find_if(layers.rbegin(), layers.rend(), [&](const auto& layer) {
      return decoded.max_spatial < 0 || layer.spatial <= decoded.max_spatial;
    });
    if (taken != layers.rend())
      wishes[decoded.track].push_back({track->encoding_of(taken->rid), DataRate::unlimited()});
  }
}

}  // namespace rooms
