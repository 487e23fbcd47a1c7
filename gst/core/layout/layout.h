// SPDX-License-Identifier: LGPL-2.1-or-later
// Where everybody is on a canvas. The same inputs give the same tiles, in the order of the inputs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gst/core/layout/custom_layout.h"
#include "gst/core/layout/geometry.h"

namespace rooms {

enum class LayoutKind { kGrid, kSpeaker, kPip, kSideBySide, kCustom };

/// One who may be shown. `id` stays with the input for as long as it lives.
struct LayoutInput {
  std::uint32_t id = 0;
  std::string name;
  bool whole = false;  // never cropped, whatever the layout says: a screen
};

struct Tile {
  std::optional<std::uint32_t> input;  // none: somebody that the layout names and who is not here
  std::string name;                    // of the input, or of who is not here
  Rectangle where;
  unsigned z = 0;  // higher is nearer
  double alpha = 1.0;
  Fit fit = Fit::kCrop;
  bool caption = true;
  bool border = false;

  friend bool operator==(const Tile&, const Tile&) = default;
};

struct LayoutRequest {
  LayoutKind kind = LayoutKind::kGrid;
  Size canvas{1280, 720};
  Fit fit = Fit::kCrop;
  int gap = 4;  // pixels between tiles, rounded down to even; less where tiles would get tiny
  std::span<const LayoutInput> inputs;   // most important first
  std::optional<std::uint32_t> speaker;  // id; none or unknown: the first input
  const CustomLayout* custom = nullptr;  // for kCustom; without one kCustom is kGrid
};

/// Tiles are 16:9 except where a layout gives one the whole canvas or half of it. Inputs that have
/// no place (beyond the strip of `speaker` and `pip`, all but two of `side-by-side`) have no tile.
/// Only `pip` and `custom` have tiles that overlap. The speaker's tile has a border if one was
/// named and several inputs are shown.
std::vector<Tile> arrange(const LayoutRequest& request);

/// Rectangles of the grid alone: the number of columns that makes tiles largest, the last row
/// centred. None overlap, all lie within the canvas.
std::vector<Rectangle> grid(Size canvas, std::size_t count, int gap);

}  // namespace rooms
