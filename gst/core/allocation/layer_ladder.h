// SPDX-License-Identifier: LGPL-2.1-or-later
// What one slot could show, as steps from the cheapest to the best.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/units.h"

namespace rooms {

/// A spatial layer (simulcast encoding or SVC layer, 0 is the smallest) and a temporal one of it.
struct LayerChoice {
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  friend auto operator<=>(const LayerChoice&, const LayerChoice&) = default;
};

struct LayerOption {
  LayerChoice layer;
  std::uint32_t width = 0;  ///< pixels; 0: not known, covers no tile
  std::uint32_t height = 0;
  /// Of everything that must be sent to show this layer, as measured of late. 0: does not flow.
  DataRate bitrate;
};

struct LadderRules {
  /// Pixels of the tile it is shown in: more than the lowest spatial layer that covers it is never
  /// sent. nullopt: not known.
  std::optional<std::uint64_t> tile_pixels;
  /// The client's limits; below that of the rate the lowest layer stays.
  std::optional<LayerChoice> most;
  DataRate most_bitrate = DataRate::unlimited();
  /// A screen prefers sharpness: any frame rate of a larger layer is better than the smaller layer.
  /// Of a camera a larger picture must keep half of the frame rate.
  bool prefers_sharpness = false;
  /// For the time being. Not the client's: what it leaves must be worth seeing.
  std::optional<LayerChoice> held = {};
};

/// Each step costs more than the one before and is better. A layer that is better and cheaper than
/// another (a still screen) makes the other one go.
class LayerLadder {
 public:
  struct Step {
    LayerChoice layer;
    DataRate bitrate;
  };
  enum class Top : std::uint8_t { kAllThereIs, kTile, kClientLimit, kHeld };

  LayerLadder(const std::vector<LayerOption>& options, const LadderRules& rules);

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  /// What ended the ladder.
  [[nodiscard]] Top top() const { return top_; }
  /// How many steps up `layer` is; 0: below all, or nothing.
  [[nodiscard]] std::size_t level_of(const std::optional<LayerChoice>& layer) const;
  [[nodiscard]] DataRate bitrate_at(std::size_t level) const {
    return level == 0 ? DataRate() : steps_[level - 1].bitrate;
  }
  /// What the spatial layer of that step, counted from 1, takes with all its temporal ones.
  [[nodiscard]] DataRate full_bitrate_at(std::size_t level) const;
  /// Whether the step to that level is one to a larger picture.
  [[nodiscard]] bool is_larger_at(std::size_t level) const {
    return level > 1 && steps_[level - 1].layer.spatial > steps_[level - 2].layer.spatial;
  }

 private:
  std::vector<Step> steps_;
  Top top_ = Top::kAllThereIs;
};

}  // namespace rooms
