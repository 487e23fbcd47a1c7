// SPDX-License-Identifier: LGPL-2.1-or-later
// The mix of a room, as long as somebody takes it: made when the first comes, and gone some seconds
// after the last has left. Nothing of it exists before and after; what was said of it (layout,
// volumes) stays. Errors inside end here. Room thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipelines/mix_audio.h"
#include "pipelines/mix_control.h"
#include "pipelines/mix_video.h"

namespace rooms {

/// What is to be mixed, for whom.
struct MixScene {
  std::vector<MixPicture> pictures;  ///< most important first
  std::vector<MixSound> sounds;
  std::string speaker;        ///< participant; empty: nobody
  std::set<MixFormat> video;  ///< encodings of the picture that somebody takes
  MixListeners listeners;
};

class RoomMix {
 public:
  struct Callbacks {
    /// Any thread. Tiles have other sizes: follow_layers is due.
    std::function<void()> tiles_changed;
    /// Any thread. Somebody began to speak, or ceased: a new scene is due.
    std::function<void()> voices_changed;
  };
  RoomMix(RoomContext& room, Duration linger, Callbacks callbacks);

  [[nodiscard]] const MixSettings& settings() const { return settings_; }
  /// See apply() of mix_control.h.
  Status control(const MixControl& control,
                 const std::function<bool(const std::string&)>& is_present);
  void forget(const std::string& participant) { settings_.participants.erase(participant); }

  void follow(const MixScene& scene, Timestamp now);
  void follow_layers(const MixVideo::LayersOf& layers_of);
  /// See MixVideo; `at` on the monotonic clock.
  void request_keyframes(const std::set<MixFormat>& formats, Timestamp at);
  /// Something exists, if only for a moment more.
  [[nodiscard]] bool is_built() const { return video_ || audio_; }

  /// nullptr: nobody wants it, or nothing here encodes to it.
  [[nodiscard]] const PublishedTrack* picture(const MixFormat& format) const;
  [[nodiscard]] const PublishedTrack& sound() const { return sound_; }
  [[nodiscard]] PublishedTrack* track_with_id(const std::string& id);
  /// Behind the track of the mixed sound, for that participant; empty: nothing.
  [[nodiscard]] std::string sound_source(const std::string& participant) const;
  [[nodiscard]] std::vector<MixVideo::Decoded> decoded() const;

  /// True: the error came from inside the mix, which goes on.
  bool take_error(GstObject* source, Timestamp now);
  [[nodiscard]] MixStats stats() const;

 private:
  void follow_video(const MixScene& scene, Timestamp now);
  void follow_audio(const MixScene& scene, Timestamp now);

  RoomContext& room_;
  const Duration linger_;
  const Callbacks callbacks_;
  MixSettings settings_;
  PublishedTrack sound_;
  std::unique_ptr<MixVideo> video_;
  std::unique_ptr<MixAudio> audio_;
  std::optional<Timestamp> audio_idle_since_;
  std::optional<Timestamp> video_rests_until_;  // after an error
  unsigned failures_ = 0;
};

}  // namespace rooms
