// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/custom_layout.h"

#include <algorithm>
#include <cmath>

namespace rooms {

namespace {

/// Thirds and such do not add up to one exactly.
constexpr double kTileRounding = 1e-6;

std::string the_tile(std::size_t index) { return "Tile " + std::to_string(index); }

Status check_tile(const CustomTile& tile, std::size_t index) {
  for (const double value : {tile.x, tile.y, tile.width, tile.height, tile.alpha}) {
    if (!std::isfinite(value))
      return Error{"bad-field", the_tile(index) + " has a number that is none."};
  }
  if (tile.width <= 0 || tile.height <= 0) {
    return Error{"empty-tile",
                 the_tile(index) + " has no width or no height: both must be above 0."};
  }
  if (tile.x < 0 || tile.y < 0 || tile.x + tile.width > 1 + kTileRounding ||
      tile.y + tile.height > 1 + kTileRounding) {
    return Error{"outside-canvas", the_tile(index) + " reaches over the edge of the canvas."};
  }
  if (tile.alpha < 0 || tile.alpha > 1) {
    return Error{"bad-field", the_tile(index) + ": 'alpha' is from 0 to 1."};
  }
  const auto* slot = std::get_if<ShowSlot>(&tile.shows);
  if (slot && slot->slot >= CustomLayout::kMaxTiles) {
    return Error{"unknown-slot", the_tile(index) + " shows slot " + std::to_string(slot->slot) +
                                     ": slots are numbered 0 to " +
                                     std::to_string(CustomLayout::kMaxTiles - 1) + "."};
  }
  return Done{};
}

}  // namespace

Status check(const CustomLayout& layout) {
  const auto& tiles = layout.tiles;
  if (tiles.empty()) return Error{"no-tiles", "The layout has no tiles."};
  if (tiles.size() > CustomLayout::kMaxTiles) {
    return Error{"too-many-tiles", "The layout has " + std::to_string(tiles.size()) +
                                       " tiles; at most " +
                                       std::to_string(CustomLayout::kMaxTiles) + " are possible."};
  }
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (auto status = check_tile(tiles[i], i); !status) return status;
    for (std::size_t before = 0; before < i; ++before) {
      if (tiles[before].shows == tiles[i].shows) {
        return Error{"twice",
                     the_tile(i) + " shows the same as tile " + std::to_string(before) + "."};
      }
    }
  }
  return Done{};
}

Status check_participants(const CustomLayout& layout, std::span<const std::string> names) {
  for (std::size_t i = 0; i < layout.tiles.size(); ++i) {
    const auto* who = std::get_if<ShowParticipant>(&layout.tiles[i].shows);
    if (who && std::ranges::find(names, who->name) == names.end()) {
      return Error{"unknown-participant",
                   the_tile(i) + " shows '" + who->name + "', who is not in the room."};
    }
  }
  return Done{};
}

}  // namespace rooms
