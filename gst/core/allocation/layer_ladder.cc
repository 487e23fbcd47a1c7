// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/allocation/layer_ladder.h"

#include <algorithm>

namespace rooms {
namespace {

std::vector<LayerOption> flowing(const std::vector<LayerOption>& options) {
  std::vector<LayerOption> sorted;
  for (const auto& option : options)
    if (option.bitrate > DataRate()) sorted.push_back(option);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.layer < b.layer; });
  const auto twice = std::unique(sorted.begin(), sorted.end(),
                                 [](const auto& a, const auto& b) { return a.layer == b.layer; });
  sorted.erase(twice, sorted.end());
  return sorted;
}

/// The lowest spatial layer with as many pixels as the tile.
std::optional<std::uint8_t> covering(const std::vector<LayerOption>& sorted,
                                     std::uint64_t tile_pixels) {
  for (const auto& option : sorted)
    if (std::uint64_t{option.width} * option.height >= tile_pixels) return option.layer.spatial;
  return std::nullopt;
}

/// True if there was more.
bool limit(std::vector<LayerOption>& options, const LayerChoice& most) {
  return std::erase_if(options, [&](const auto& option) {
           return option.layer.spatial > most.spatial || option.layer.temporal > most.temporal;
         }) > 0;
}

/// True if there was more.
bool limit_rate(std::vector<LayerOption>& options, DataRate most) {
  if (options.empty()) return false;
  const auto lowest = options.front().layer;
  return std::erase_if(options, [&](const auto& option) {
           return option.layer != lowest && option.bitrate > most;
         }) > 0;
}

/// A temporal layer halves the frame rate, so of a larger picture the upper two are left.
std::vector<LayerOption> without_slow(const std::vector<LayerOption>& sorted) {
  std::vector<LayerOption> fast;
  for (const auto& option : sorted) {
    const bool is_slow = std::any_of(sorted.begin(), sorted.end(), [&](const auto& other) {
      return other.layer.spatial == option.layer.spatial &&
             other.layer.temporal > option.layer.temporal + 1;
    });
    if (!is_slow || option.layer.spatial == sorted.front().layer.spatial) fast.push_back(option);
  }
  return fast;
}

}  // namespace

LayerLadder::LayerLadder(const std::vector<LayerOption>& options, const LadderRules& rules) {
  auto usable = flowing(options);
  if (rules.tile_pixels) {
    if (const auto enough = covering(usable, *rules.tile_pixels)) {
      const auto more =
          std::erase_if(usable, [&](const auto& option) { return option.layer.spatial > *enough; });
      if (more > 0) top_ = Top::kTile;
    }
  }
  if (rules.most && limit(usable, *rules.most)) top_ = Top::kClientLimit;
  if (limit_rate(usable, rules.most_bitrate)) top_ = Top::kClientLimit;
  if (!rules.prefers_sharpness) usable = without_slow(usable);
  if (rules.held && limit(usable, *rules.held)) top_ = Top::kHeld;
  for (auto option = usable.rbegin(); option != usable.rend(); ++option)
    if (steps_.empty() || option->bitrate < steps_.back().bitrate)
      steps_.push_back({option->layer, option->bitrate});
  std::reverse(steps_.begin(), steps_.end());
}

DataRate LayerLadder::full_bitrate_at(std::size_t level) const {
  const auto spatial = steps_[level - 1].layer.spatial;
  const auto last = std::find_if(steps_.rbegin(), steps_.rend(),
                                 [&](const auto& step) { return step.layer.spatial == spatial; });
  return last->bitrate;
}

std::size_t LayerLadder::level_of(const std::optional<LayerChoice>& layer) const {
  if (!layer) return 0;
  const auto above = std::find_if(steps_.begin(), steps_.end(),
                                  [&](const auto& step) { return step.layer > *layer; });
  return static_cast<std::size_t>(above - steps_.begin());
}

}  // namespace rooms
