// SPDX-License-Identifier: LGPL-2.1-or-later
// What one multivariant playlist plays: renditions on one timeline, and what each request for a
// file of it is answered with. Sans I/O; not thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/hls/blocking_reload.h"
#include "gst/core/hls/rendition.h"

namespace rooms {

/// As the options of the server say.
struct HlsSettings {
  bool low_latency = true;
  Duration segment = std::chrono::seconds(2);
  Duration window = std::chrono::seconds(60);
};

inline constexpr std::string_view kHlsIndex = "index.m3u8";

struct HlsAnswer {
  enum class State : std::uint8_t { kReady, kWait, kUnknown, kWrong };
  enum class Kind : std::uint8_t { kPlaylist, kBlockedPlaylist, kInit, kMedia };
  State state = State::kUnknown;
  Kind kind = Kind::kMedia;
  std::vector<SharedBytes> body{};  ///< pieces of one file
};

class HlsProgramme {
 public:
  struct Config {
    HlsSettings settings;
    std::string run;        ///< see HlsNames
    unsigned pictures = 1;  ///< renditions of it
    bool sound = true;
    Duration wall_offset{};  ///< what the wall clock shows more than that of frames
    /// Segments of all renditions end with the first keyframe so many segments after it; nullopt:
    /// the first frame.
    std::optional<Timestamp> anchor{};
    /// Where a picture comes and no sound, for somebody has muted it, silence (Opus) is heard:
    /// players wait for all renditions.
    bool silence = false;
    /// Of the pictures, which they are meant to have, bit/s. What is measured may be more.
    std::vector<std::uint64_t> bitrates{};
  };

  explicit HlsProgramme(Config config);

  /// A frame of the n-th picture. True: some playlist has changed.
  bool add_picture(std::size_t rendition, EncodedFrame frame, Timestamp now);
  bool add_sound(EncodedFrame frame, Timestamp now);
  void expire(Timestamp now);
  [[nodiscard]] bool wants_keyframe(std::size_t rendition) const;

  [[nodiscard]] HlsAnswer answer(std::string_view file, const HlsReload& reload) const;
  /// How long a playlist holds; also for how much longer a blocked request may wait.
  [[nodiscard]] std::chrono::seconds target_duration() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  bool add(HlsRendition& rendition, EncodedFrame frame, Timestamp now);
  void begin(Timestamp first);
  void align_discontinuities();
  void fill_silence(Timestamp until, Timestamp now);
  [[nodiscard]] HlsAnswer index() const;
  [[nodiscard]] HlsAnswer playlist_of(const HlsRendition& rendition, const HlsReload& reload) const;
  [[nodiscard]] bool is_complete() const;

  Config config_;
  std::optional<Timestamp> zero_;
  Timestamp first_;  // of all pictures; sound before that is left out
  Timestamp sound_until_;
  std::vector<HlsRendition> renditions_;  // pictures, then the sound
  std::deque<EncodedFrame> early_sound_;
  // By rendition; made when somebody asks.
  mutable std::vector<SharedBytes> texts_;
};

}  // namespace rooms
