// SPDX-License-Identifier: LGPL-2.1-or-later
// The audio levels of one voice over the last seconds, and how much speech is in them: the short,
// the medium and the long window of I. Volfin and I. Cohen, "Dominant speaker identification for
// multipoint videoconferencing", 2012.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

/// RFC 6464: 0 (overload) .. 127 (digital silence), in -dBov.
constexpr unsigned kSilentLevel = 127;

/// Counts of one voice at one moment.
struct SpeechActivity {
  unsigned short_window = 0;   ///< 0..40: loudness of the last 200 ms, in steps of 6 dB per frame
  unsigned medium_window = 0;  ///< 0..10: tenths of the last second with speech
  unsigned long_window = 0;    ///< 0..20: tenths of the last two seconds with speech
};

/// Levels on a grid of 20 ms. What comes late is put where it belongs, what comes doubly counts
/// once, and where nothing came (loss, or a sender that stops in silence) the last level holds for
/// 60 ms and then there is silence.
class LevelTrack {
 public:
  static constexpr Duration kFrame = std::chrono::milliseconds(20);
  static constexpr Duration kSpan = std::chrono::seconds(2);

  /// False: older than the longest window, or from a time when nobody counted.
  bool insert(unsigned level, Timestamp when);
  /// Forgets the levels, but neither the background nor when speech was last heard.
  void silence();

  [[nodiscard]] SpeechActivity activity(Timestamp now) const;
  /// The loudest of the last 200 ms.
  [[nodiscard]] unsigned level(Timestamp now) const;
  /// When speech was last heard.
  [[nodiscard]] std::optional<Timestamp> last_speech() const { return last_speech_; }
  /// -dBov: only what is louder (smaller) than this is speech. Follows the background noise.
  [[nodiscard]] unsigned speech_level() const;

 private:
  using Frame = std::int64_t;
  static constexpr Frame kFrames = kSpan / kFrame;
  static constexpr Frame kHeld = 3;
  static constexpr std::uint8_t kMissing = 255;
  static Frame frame_of(Timestamp when) { return when.time_since_epoch() / kFrame; }
  void advance(Frame frame);
  void learn_background(unsigned level, Frame frame);
  /// Walks the frames (now - count, now], oldest first.
  template <class Visit>
  void each_frame(Timestamp now, Frame count, Visit visit) const;

  std::array<std::uint8_t, kFrames> levels_ = filled();
  static constexpr std::array<std::uint8_t, kFrames> filled() {
    std::array<std::uint8_t, kFrames> levels{};
    for (auto& level : levels) level = kMissing;
    return levels;
  }
  Frame newest_ = 0;
  bool started_ = false;
  std::optional<Timestamp> last_speech_;

  // Quietest frame of each of the last ten seconds: between words one hears the room.
  static constexpr std::size_t kSeconds = 10;
  struct Quietest {
    Frame second = -1;
    std::uint8_t level = 0;
  };
  std::array<Quietest, kSeconds> quietest_{};
  Frame second_ = 0;
};

}  // namespace rooms
