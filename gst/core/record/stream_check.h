// SPDX-License-Identifier: LGPL-2.1-or-later
// What the frames of one stream of a file tell of how it was recorded: gaps, where it begins and
// ends, times that go back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/time.h"

namespace rooms {

class StreamCheck {
 public:
  struct Gap {
    Duration at{};
    Duration length{};
  };
  struct Summary {
    std::uint64_t frames = 0;
    std::uint64_t keyframes = 0;
    std::uint64_t bytes = 0;
    bool begins_with_keyframe = false;
    Duration start{};     ///< of the first frame
    Duration end{};       ///< of the last one, with its duration
    Duration interval{};  ///< between most frames: the median
    std::vector<Gap> gaps;
    std::uint64_t backwards =
        0;  ///< frames that are decoded at an earlier time than the one before
  };

  /// In decoding order. `decoded`: nullopt where the container tells only when a frame is shown.
  void observe(Duration shown, std::optional<Duration> decoded, bool keyframe, std::uint64_t bytes);
  /// A gap is longer than `least_gap` and than three intervals.
  [[nodiscard]] Summary summarize(Duration least_gap) const;

 private:
  std::vector<Duration> times_;
  std::optional<Duration> last_decoded_;
  Summary sums_;
};

}  // namespace rooms
