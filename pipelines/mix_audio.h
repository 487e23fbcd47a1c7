// SPDX-License-Identifier: LGPL-2.1-or-later
// The mixed sound of a room: one `mixminus`, a feed for everybody who is in it, one encoder for all
// who only listen, and one more for each listener who is heard at present, since only they would
// hear themselves.
//
//   feed --> sink_0 mixminus src --> encoder "mix/audio-all"
//   feed --> sink_1          src_1 -> encoder "mix/audio/bob"   (while Bob speaks)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipelines/mix_encoder.h"
#include "pipelines/mix_stats.h"
#include "pipelines/mix_voice.h"

namespace rooms {

/// What slots show, whoever listens; behind it the encoding changes.
inline constexpr const char* kMixedSound = "mix/audio";

class MixAudio {
 public:
  /// `voices_changed` comes on any thread: somebody began to speak, or ceased.
  MixAudio(RoomContext& room, std::function<void()> voices_changed);
  ~MixAudio();
  MixAudio(const MixAudio&) = delete;
  MixAudio& operator=(const MixAudio&) = delete;

  void mix(const std::vector<MixSound>& sounds, Timestamp now);
  /// `listeners`: participants who take the sound.
  void encode(const std::set<std::string>& listeners);
  /// The router's track for that participant.
  [[nodiscard]] std::string source_for(const std::string& participant) const;
  /// True: the error came from here, and the rest goes on.
  bool take_error(GstObject* source, Timestamp now);
  void report(MixStats& stats) const;

 private:
  [[nodiscard]] const MixVoice* own_voice(const std::string& participant) const;
  void drop_encoder(const std::string& participant);

  RoomContext& room_;
  std::function<void()> voices_changed_;
  Ref<GstElement> mixer_;
  Ref<GstPad> everybody_;
  std::unique_ptr<MixEncoder> shared_;
  std::vector<std::unique_ptr<MixVoice>> voices_;
  std::map<std::string, std::unique_ptr<MixEncoder>> own_;  // by participant
};

}  // namespace rooms
