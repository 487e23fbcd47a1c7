// SPDX-License-Identifier: LGPL-2.1-or-later
// Who speaks: the dominant speaker from audio levels (RFC 6464) over time. A cough is short and
// does not make a speaker; a pause between two words does not unmake one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

class SpeakerDetector {
 public:
  struct Config {
    std::uint8_t speech_level = 50;  ///< -dBov; louder (smaller) than this is speech
    Duration attack =
        std::chrono::milliseconds(600);  ///< of speech in the last window before one takes over
    Duration window = std::chrono::milliseconds(1500);
    Duration hold = std::chrono::milliseconds(3000);  ///< of silence before nobody speaks
  };
  SpeakerDetector() = default;
  explicit SpeakerDetector(const Config& config) : config_(config) {}

  /// `level` 0 (loud) .. 127 (silent): the loudest since the last call for this participant.
  void observe(const std::string& participant, std::uint8_t level, Timestamp now);
  void remove(const std::string& participant);
  /// Re-evaluates. True if the speaker changed.
  bool evaluate(Timestamp now);
  [[nodiscard]] const std::string& speaker() const { return speaker_; }
  /// Those who have ever been the speaker, latest first.
  [[nodiscard]] const std::vector<std::string>& recent() const { return recent_; }

 private:
  struct Moment {
    Timestamp when;
    std::uint8_t level;
  };
  struct Voice {
    std::vector<Moment> moments;  // within the window
    Timestamp last_speech{};
    bool has_spoken = false;
  };
  /// Of the window, in fractions of its observations, weighted with loudness.
  [[nodiscard]] double activity(const Voice& voice) const;
  [[nodiscard]] Duration speech(const Voice& voice) const;

  Config config_;
  std::map<std::string, Voice> voices_;
  std::string speaker_;
  std::vector<std::string> recent_;
};

}  // namespace rooms
