// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the frames of one rendition are cut into media segments (RFC 8216bis 3) and partial
// segments (4.4.4.9). Times count from the beginning of the presentation. Not thread-safe.
//
// Time is a row of slots, each as long as a segment, the same for all renditions: a segment begins
// with the first keyframe in a slot. So renditions whose keyframes come at the same moments are cut
// at the same moments, whenever each of them began and whatever keyframes one of them has between.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

class SegmentCutter {
 public:
  struct Config {
    /// Segments begin with keyframes; otherwise (sound) anywhere.
    bool at_keyframes = true;
    Duration segment = std::chrono::seconds(2);
    Duration part{};   ///< longest partial segment; zero: there are none
    Duration phase{};  ///< how far into a slot the presentation begins
  };
  enum class Cut : std::uint8_t {
    kNothing,
    kPart,           ///< this frame begins another part
    kSegment,        ///< another segment, and a part with it
    kDiscontinuity,  ///< likewise, and what was before does not go on (RFC 8216bis 4.4.4.3)
    kDrop,           ///< the frame is of no use: after an interruption a keyframe comes first
  };
  struct Decision {
    Cut cut = Cut::kNothing;
    Duration end{};  ///< until then lasts what came before
  };

  explicit SegmentCutter(const Config& config) : config_(config) {}

  /// What becomes of what there is before this frame goes in. The first frame begins a segment.
  Decision consider(Duration time, bool keyframe, bool new_setup);
  /// Another rendition of the programme has a discontinuity: so has this one where it may begin
  /// (RFC 8216bis 6.2.4).
  void interrupt() { interrupted_ = last_.has_value(); }
  /// The segment has all that it should, and waits for one.
  [[nodiscard]] bool wants_keyframe() const;

  /// How many slots after the presentation began.
  [[nodiscard]] std::int64_t slot_of(Duration time) const;
  /// A segment is no longer, so that it has room in EXT-X-TARGETDURATION (rounded).
  [[nodiscard]] std::chrono::seconds target_duration() const;

 private:
  Decision decide(Duration time, bool keyframe, bool new_setup) const;

  Config config_;
  std::optional<Duration> last_;
  Duration interval_ = std::chrono::milliseconds(20);
  Duration segment_start_{};
  Duration part_start_{};
  bool interrupted_ = false;
  bool drops_ = false;
};

}  // namespace rooms
