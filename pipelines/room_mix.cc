// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/room_mix.h"

#include <utility>

namespace rooms {
namespace {

/// Before a mixed picture that failed as a whole is made anew.
constexpr Duration kRest = std::chrono::seconds(1);

PublishedTrack mixed_sound() {
  PublishedTrack track;
  track.info.id = kMixedSound;
  track.info.participant = kMixParticipant;
  track.info.kind = MediaKind::kAudio;
  track.info.label = "mix-audio";
  track.info.codec = std::string(name_of(Codec::kOpus));
  track.codec = Codec::kOpus;
  track.rids = {""};
  return track;
}

}  // namespace

RoomMix::RoomMix(RoomContext& room, Duration linger, Callbacks callbacks)
    : room_(room), linger_(linger), callbacks_(std::move(callbacks)), sound_(mixed_sound()) {}

Status RoomMix::control(const MixControl& control,
                        const std::function<bool(const std::string&)>& is_present) {
  auto applied = apply(control, settings_, is_present);
  if (applied && video_) video_->configure(settings_);
  return applied;
}

void RoomMix::follow(const MixScene& scene, Timestamp now) {
  // The sound takes longer to begin: who takes both has it from the first picture on.
  follow_audio(scene, now);
  follow_video(scene, now);
}

void RoomMix::follow_video(const MixScene& scene, Timestamp now) {
  if (video_rests_until_ && now < *video_rests_until_) return;
  if (!video_ && scene.video.empty()) return;
  if (!video_) video_ = std::make_unique<MixVideo>(room_, settings_, callbacks_.tiles_changed);
  video_->encode(scene.video, now, linger_);
  if (video_->encoders() == 0) {
    if (!scene.video.empty()) video_rests_until_ = now + kRest;
    return video_.reset();
  }
  video_->show(scene.pictures, scene.speaker, now);
}

void RoomMix::follow_audio(const MixScene& scene, Timestamp now) {
  if (!scene.listeners.empty()) {
    audio_idle_since_.reset();
    if (!audio_) audio_ = std::make_unique<MixAudio>(room_, callbacks_.voices_changed);
  }
  if (!audio_) return;
  if (scene.listeners.empty()) {
    if (!audio_idle_since_) audio_idle_since_ = now;
    if (now - *audio_idle_since_ >= linger_) return audio_.reset();
  }
  audio_->mix(scene.sounds, now);
  audio_->encode(scene.listeners);
}

void RoomMix::follow_layers(const MixVideo::LayersOf& layers_of) {
  if (video_) video_->follow_layers(layers_of);
}

void RoomMix::request_keyframes(const std::set<MixFormat>& formats, Timestamp at) {
  if (!video_) return;
  const auto time = static_cast<GstClockTime>(at.time_since_epoch().count());
  const auto base = gst_element_get_base_time(GST_ELEMENT_CAST(room_.pipeline));
  video_->request_keyframes(formats, time > base ? time - base : 0);
}

const PublishedTrack* RoomMix::picture(const MixFormat& format) const {
  return video_ ? video_->encoding(format) : nullptr;
}

PublishedTrack* RoomMix::track_with_id(const std::string& id) {
  if (id == sound_.info.id) return &sound_;
  return video_ ? video_->track_with_id(id) : nullptr;
}

std::string RoomMix::sound_source(const std::string& participant) const {
  return audio_ ? audio_->source_for(participant) : std::string();
}

std::vector<MixVideo::Decoded> RoomMix::decoded() const {
  return video_ ? video_->decoded() : std::vector<MixVideo::Decoded>();
}

bool RoomMix::take_error(GstObject* source, Timestamp now) {
  const auto damage = video_ ? video_->take_error(source, now) : MixVideo::Damage::kNotOurs;
  if (damage == MixVideo::Damage::kAll) {
    video_.reset();
    video_rests_until_ = now + kRest;
  }
  const bool ours =
      damage != MixVideo::Damage::kNotOurs || (audio_ && audio_->take_error(source, now));
  if (ours) ++failures_;
  return ours;
}

MixStats RoomMix::stats() const {
  MixStats stats;
  stats.failures = failures_;
  if (video_) video_->report(stats);
  if (audio_) audio_->report(stats);
  return stats;
}

}  // namespace rooms
