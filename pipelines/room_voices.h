// SPDX-License-Identifier: LGPL-2.1-or-later
// Who speaks in a room, and whose sound is worth sending.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/audio/level_track.h"
#include "gst/core/audio/loudest.h"
#include "gst/core/audio/speaker_detector.h"
#include "pipelines/participant.h"

namespace rooms {

/// Belongs to the room's thread.
class RoomVoices {
 public:
  using Participants = std::vector<std::shared_ptr<Participant>>;

  /// So many audio tracks besides the dominant speaker's are worth sending, and so many worth
  /// decoding for a mix; nullopt: all.
  RoomVoices(std::optional<unsigned> loudest, std::optional<unsigned> mixed);

  struct Changes {
    bool speaker = false;
    bool loudest = false;
    bool mixed = false;
  };
  /// Takes the levels that have come since the last call, and decides; several times a second.
  Changes watch(const Participants& participants, Timestamp now);
  /// Tracks came or went.
  void follow(const Participants& participants, Timestamp now);
  /// Somebody left.
  void remove(const std::string& participant) { speakers_.remove(participant); }

  /// Participant; empty: nobody.
  [[nodiscard]] const std::string& speaker() const { return speakers_.speaker(); }
  /// Participants who have spoken, latest first.
  [[nodiscard]] const std::vector<std::string>& recent() const { return speakers_.recent(); }
  /// Ids of the audio tracks worth sending; nullopt: all.
  [[nodiscard]] std::optional<std::vector<std::string>> loudest() const;
  [[nodiscard]] bool is_mixed(const std::string& track) const;

 private:
  /// One audio track.
  struct Sound {
    LevelTrack levels;
    bool tells = false;  ///< its packets carry levels
    bool muted = false;
    std::optional<Timestamp> received_since;
  };
  void listen(const Participant& participant, Timestamp now);
  [[nodiscard]] static std::optional<unsigned> level_of(const Sound& sound, Timestamp now);
  Changes choose(const Participants& participants, Timestamp now);

  SpeakerDetector speakers_;
  std::optional<LoudestStreams> loudest_;
  std::optional<LoudestStreams> mixed_;
  std::map<std::string, Sound> sounds_;  // by track id
};

}  // namespace rooms
