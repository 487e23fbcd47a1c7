// SPDX-License-Identifier: LGPL-2.1-or-later
// How a publisher divides its line: between sound and pictures, and between the layers of a
// picture.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/units.h"

namespace rooms {

struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// From low to high, the names browsers' examples use: "q", "h", "f"; of two "h" and "f"; of one
/// "".
std::vector<std::string> layer_rids(std::size_t count);
/// Layer `index` (0: lowest) of `count`: each is half as wide as the next one. Even sides, at least
/// 16 pixels; the top one is the input, with even sides.
PictureSize layer_size(PictureSize input, std::size_t index, std::size_t count);

struct LinePlan {
  std::vector<DataRate> layers;  ///< of each picture, from low to high; zero: not sent
};

/// `line`: what may be sent in all; `most`: what is sent if the line carries it. Sound takes
/// `sound`, headers and repair a tenth; pictures share the rest evenly. Layers are filled from the
/// lowest; one that would get less than half of its due is left out, and so are those above it.
/// `before`: what was sent until now (empty at first); a layer that is off comes back only when it
/// would get three quarters of its due, so that it does not flicker. The lowest one is never off:
/// it gets at least 30 kbit/s.
LinePlan plan_line(DataRate line, DataRate most, DataRate sound, std::size_t pictures,
                   std::size_t layers, const LinePlan& before);

/// Beyond plan_line: what follows from time. An estimate of a sender that does not probe rises only
/// as far as what is sent, so a layer that is off would stay off for ever. Therefore the highest
/// layer that is on takes what is left over (twice its due at most); and where even so less is sent
/// than the line is thought to carry, the next layer is tried out. If the line narrows then, it is
/// taken back, and the next trial is later.
class LinePlanner {
 public:
  struct Line {
    DataRate estimate;
    bool application_limited = false;  ///< we send less than would tell more
    bool overused = false;
  };
  struct Media {
    DataRate most;
    DataRate sound;
    std::size_t pictures = 1;
    std::size_t layers = 1;
  };
  static constexpr Duration kFirstRest = std::chrono::seconds(2);
  static constexpr Duration kLongestRest = std::chrono::seconds(60);

  const LinePlan& next(const Line& line, const Media& media, Timestamp now);

 private:
  void judge_trial(const Line& line, Timestamp now);
  void consider_trial(const Line& line, const Media& media, std::size_t on, Timestamp now);

  LinePlan plan_;
  std::size_t granted_ = 0;  // layers that are on whatever the estimate says
  DataRate before_trial_;
  Duration rest_ = kFirstRest;
  std::optional<Timestamp> idle_since_;
};

}  // namespace rooms
