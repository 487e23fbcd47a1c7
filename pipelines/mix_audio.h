// SPDX-License-Identifier: LGPL-2.1-or-later
// The mixed sound of a room: one `mixminus`, a feed for everybody who is in it, one encoder for all
// who only listen, one that makes AAC for what leaves the room, and one more for each listener who
// is heard at present, since only they would hear themselves.
//
//   feed --> sink_0 mixminus src --> tee --> encoder "mix/audio-all"
//                                     '----> encoder "mix/audio-aac"
//   feed --> sink_1          src_1 --> encoder "mix/audio/bob"   (while Bob speaks)
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
/// Everybody's sound, as Opus and as AAC.
inline constexpr const char* kMixForAll = "mix/audio-all";
inline constexpr const char* kMixAsAac = "mix/audio-aac";

/// Who takes the sound of a mix.
struct MixListeners {
  std::set<std::string> participants;
  std::set<Codec> whole;  ///< everybody's sound for whoever is no participant: Opus, AAC

  [[nodiscard]] bool empty() const { return participants.empty() && whole.empty(); }
};

class MixAudio {
 public:
  /// `voices_changed` comes on any thread: somebody began to speak, or ceased.
  MixAudio(RoomContext& room, std::function<void()> voices_changed);
  ~MixAudio();
  MixAudio(const MixAudio&) = delete;
  MixAudio& operator=(const MixAudio&) = delete;

  void mix(const std::vector<MixSound>& sounds, Timestamp now);
  void encode(const MixListeners& listeners);
  /// The router's track for that participant.
  [[nodiscard]] std::string source_for(const std::string& participant) const;
  /// True: the error came from here, and the rest goes on.
  bool take_error(GstObject* source, Timestamp now);
  void report(MixStats& stats) const;

 private:
  [[nodiscard]] const MixVoice* own_voice(const std::string& participant) const;
  void drop_encoder(const std::string& participant);
  /// An encoding of everybody's sound, while it is wanted.
  struct Whole {
    Ref<GstPad> source;  // of the tee
    std::unique_ptr<MixEncoder> encoder;
  };
  void encode_whole(Codec codec);
  void drop(Whole& whole);

  RoomContext& room_;
  std::function<void()> voices_changed_;
  Ref<GstElement> mixer_;
  Ref<GstElement> tee_;
  Ref<GstPad> everybody_;
  std::map<Codec, Whole> whole_;
  std::vector<std::unique_ptr<MixVoice>> voices_;
  std::map<std::string, std::unique_ptr<MixEncoder>> own_;  // by participant
};

}  // namespace rooms
