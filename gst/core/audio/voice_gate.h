// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether somebody is to be heard now: opens with the first loud block, closes after a while of
// silence. Of who is behind a closed gate a mix without that one and the mix of all are the same.
#pragma once

#include <optional>
#include <utility>

#include "gst/core/audio/level_track.h"
#include "gst/core/time.h"

namespace rooms {

class VoiceGate {
 public:
  struct Config {
    /// -dBov (RFC 6464): louder (smaller) than this is heard. Speech is at 15 to 40, what is left
    /// of a quiet room behind a microphone at 60 to 80.
    unsigned threshold = 60;
    Duration hold = std::chrono::seconds(3);
  };
  VoiceGate() = default;
  explicit VoiceGate(const Config& config) : config_(config) {}

  /// The level of a block of sound. True: the gate opened or closed.
  bool observe(unsigned level, Timestamp now) {
    if (level < config_.threshold) loud_ = now;
    return evaluate(now);
  }
  /// Time goes on without a block. True: the gate closed.
  bool evaluate(Timestamp now) {
    const bool open = loud_ && now - *loud_ <= config_.hold;
    return std::exchange(open_, open) != open;
  }
  [[nodiscard]] bool is_open() const { return open_; }

 private:
  Config config_;
  std::optional<Timestamp> loud_;
  bool open_ = false;
};

}  // namespace rooms
