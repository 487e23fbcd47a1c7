// SPDX-License-Identifier: LGPL-2.1-or-later
// Who speaks: the dominant speaker from audio levels (RFC 6464) over time, after Volfin and Cohen
// 2012. Who wants to take over must be ahead in three windows at once: now (200 ms), of late (1 s)
// and over two seconds. A cough or a door is loud but short and wins only the first; a pause
// between two words loses only the first; of two who talk at once the one who has the floor keeps
// it until falling silent for about half a second.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gst/core/audio/level_track.h"
#include "gst/core/time.h"

namespace rooms {

class SpeakerDetector {
 public:
  struct Config {
    /// Of silence before nobody speaks.
    Duration hold = std::chrono::seconds(3);
    /// Least time between two changes from one speaker to another.
    Duration dwell = std::chrono::seconds(1);
  };
  enum class Verdict : std::uint8_t {
    kCounted,
    kOutOfRange,  ///< above 127: not RFC 6464
    kLate,        ///< older than two seconds
    kMuted,
  };
  SpeakerDetector() = default;
  explicit SpeakerDetector(const Config& config) : config_(config) {}
  void configure(const Config& config) { config_ = config; }

  /// One packet (or up to 60 ms of sound) of `voice` at `when`, `level` in -dBov: 0 (loud) .. 127
  /// (silent). An unknown voice joins by its first observation.
  Verdict observe(const std::string& voice, unsigned level, Timestamp when);
  /// A muted voice does not speak, whatever its packets say.
  void set_muted(const std::string& voice, bool muted);
  void remove(const std::string& voice);

  /// Decides; several times a second. True: the speaker changed.
  bool evaluate(Timestamp now);
  /// Empty: nobody.
  [[nodiscard]] const std::string& speaker() const { return speaker_; }
  /// Those who have ever been the speaker and are still there, latest first.
  [[nodiscard]] const std::vector<std::string>& recent() const { return recent_; }
  /// The loudest of the last 200 ms, -dBov; 127 for unknown and muted ones.
  [[nodiscard]] unsigned level(const std::string& voice, Timestamp now) const;

 private:
  struct Voice {
    LevelTrack track;
    bool muted = false;
  };
  [[nodiscard]] std::string challenger(Timestamp now) const;

  Config config_;
  std::map<std::string, Voice> voices_;
  std::string speaker_;
  Timestamp since_{};
  std::vector<std::string> recent_;
};

}  // namespace rooms
