// SPDX-License-Identifier: LGPL-2.1-or-later
// A layout that somebody wrote down: rectangles as fractions of the canvas, and who is in them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "gst/core/layout/geometry.h"
#include "gst/core/result.h"

namespace rooms {

/// A picture of another shape than its tile: cut at the edges, or whole with background beside it.
enum class Fit { kCrop, kWhole };

/// The n-th of the inputs that no other tile names.
struct ShowSlot {
  unsigned slot = 0;
  friend bool operator==(const ShowSlot&, const ShowSlot&) = default;
};
struct ShowSpeaker {
  friend bool operator==(const ShowSpeaker&, const ShowSpeaker&) = default;
};
struct ShowParticipant {
  std::string name;
  friend bool operator==(const ShowParticipant&, const ShowParticipant&) = default;
};

struct CustomTile {
  std::variant<ShowSlot, ShowSpeaker, ShowParticipant> shows;
  double x = 0;  // all four: fractions of the canvas
  double y = 0;
  double width = 1;
  double height = 1;
  unsigned z = 0;
  double alpha = 1;
  std::optional<Fit> fit;  // none: as the canvas says
  bool caption = true;
  bool border = true;  // while who is in it speaks
};

struct CustomLayout {
  static constexpr std::size_t kMaxTiles = 64;
  static constexpr int kMaxCanvas = 4096;  // pixels, each way

  std::vector<CustomTile> tiles;
  std::optional<std::uint32_t> background_colour;  // 0xRRGGBB
  std::string background_picture;                  // path; empty: none
  std::optional<std::uint32_t> border_colour;      // 0xRRGGBB
  std::optional<int> border_width;                 // pixels
};

/// Everything that can be said without knowing who is there: `outside-canvas`, `empty-tile`,
/// `too-many-tiles`, `no-tiles`, `unknown-slot`, `twice`. The message names the tile, counted from
/// 0.
Status check(const CustomLayout& layout);
/// `unknown-participant`: a tile names somebody who is not among `names`.
Status check_participants(const CustomLayout& layout, std::span<const std::string> names);

}  // namespace rooms
