// SPDX-License-Identifier: LGPL-2.1-or-later
// What each layer of a track takes, over seconds: an encoder's rate swings by half from one second
// to the next, and who divides a line by that would change layers as often.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "gst/core/forward/track_layers.h"
#include "gst/core/time.h"

namespace rooms {

class LayerRates {
 public:
  struct Config {
    Duration memory = std::chrono::seconds(3);
    /// A picture that changed from still to moving is no swing: what is more than this factor and
    /// that many bit/s above counts at once.
    double jump = 1.5;
    std::uint64_t least_jump = 100'000;
    /// What was measured of a layer before it came to rest may have been its beginning, a keyframe.
    /// Each second that part of it counts less, so that it is tried again; but not below `least`.
    double aging = 0.02;
    double least = 0.8;
  };
  LayerRates() = default;
  explicit LayerRates(const Config& config) : config_(config) {}

  /// Replaces the rates of `layers` as measured by those to count with. About twice a second.
  void apply(std::vector<TrackLayer>& layers, Timestamp now);

 private:
  using Key = std::tuple<std::string, std::uint8_t, std::uint8_t>;  // rid, spatial, temporal
  struct Rate {
    double mean = 0;  // bit/s
    Timestamp begun;
    Timestamp updated;
    std::optional<Timestamp> resting_since;
  };
  [[nodiscard]] Rate of_active(std::optional<Rate> known, double sample, Timestamp now) const;
  [[nodiscard]] Rate of_resting(std::optional<Rate> known, double sample, Timestamp now) const;

  Config config_;
  std::map<Key, Rate> rates_;
};

}  // namespace rooms
