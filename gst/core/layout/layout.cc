// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/layout.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace rooms {

namespace {

constexpr int kAspectWidth = 16;
constexpr int kAspectHeight = 9;
constexpr int kTinyTile = 48;   // pixels: narrower ones get no gap
constexpr int kStripShare = 5;  // the strip of `speaker` has a fifth of the height
constexpr int kInsetShare = 4;  // a picture in the picture has a quarter of the width
constexpr unsigned kNearer = 1;

/// The largest 16:9 within `room`, even.
Size largest_tile(int width, int height) {
  const auto by_height = static_cast<int>(std::int64_t{height} * kAspectWidth / kAspectHeight);
  const int fitting = even(std::min(width, by_height));
  const auto tall = static_cast<int>(std::int64_t{fitting} * kAspectHeight / kAspectWidth);
  return {fitting, std::min(even(height), std::max(2, even(tall)))};
}

Rectangle centred(Size tile, Rectangle within) {
  return {even(within.x + (within.width - tile.width) / 2),
          even(within.y + (within.height - tile.height) / 2), tile.width, tile.height};
}

struct GridShape {
  int columns = 1;
  int rows = 1;
  Size tile;
};

GridShape best_shape(Size canvas, int count, int gap) {
  GridShape best;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const auto tile = largest_tile((canvas.width - gap * (columns - 1)) / columns,
                                   (canvas.height - gap * (rows - 1)) / rows);
    if (tile.width >= best.tile.width) best = {columns, rows, tile};
  }
  return best;
}

/// The speaker, or else the first; then all others in order.
std::vector<std::size_t> speaker_first(const LayoutRequest& request) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    const bool speaks = request.speaker == request.inputs[i].id;
    order.insert(speaks ? order.begin() : order.end(), i);
  }
  return order;
}

/// Tiles are made here, so that every layout has the same rules of fit and border.
class Arrangement {
 public:
  explicit Arrangement(const LayoutRequest& request) : request_(request) {}

  void add(std::size_t input, Rectangle where, unsigned z = 0) {
    const auto& who = request_.inputs[input];
    Tile tile;
    tile.input = who.id;
    tile.name = who.name;
    tile.where = where;
    tile.z = z;
    tile.fit = who.whole ? Fit::kWhole : request_.fit;
    tile.border = request_.speaker == who.id;
    tiles_.push_back(std::move(tile));
  }
  void add(Tile tile) { tiles_.push_back(std::move(tile)); }

  /// As inputs are ordered; one alone has nobody to be told from.
  std::vector<Tile> done() {
    if (tiles_.size() == 1) tiles_[0].border = false;
    std::ranges::stable_sort(tiles_, {}, [this](const Tile& tile) { return rank(tile); });
    return std::move(tiles_);
  }

 private:
  [[nodiscard]] std::size_t rank(const Tile& tile) const {
    const auto found = std::ranges::find_if(
        request_.inputs, [&](const auto& input) { return input.id == tile.input; });
    return static_cast<std::size_t>(found - request_.inputs.begin());
  }
  const LayoutRequest& request_;
  std::vector<Tile> tiles_;
};

Rectangle whole(Size canvas) { return {0, 0, canvas.width, canvas.height}; }

/// As many 16:9 tiles of that height as fit into the width.
int strip_places(int width, Size tile, int gap) {
  return std::max(1, (width + gap) / (tile.width + gap));
}

void arrange_grid(const LayoutRequest& request, Arrangement& out) {
  const auto places = grid(request.canvas, request.inputs.size(), request.gap);
  for (std::size_t i = 0; i < places.size(); ++i) out.add(i, places[i]);
}

void arrange_speaker(const LayoutRequest& request, Arrangement& out) {
  const auto order = speaker_first(request);
  const auto canvas = request.canvas;
  const int gap = even(request.gap);
  if (order.size() == 1) return out.add(order[0], whole(canvas));

  const auto small = largest_tile(canvas.width, canvas.height / kStripShare);
  const Rectangle above{0, 0, canvas.width, std::max(2, canvas.height - small.height - gap)};
  out.add(order[0], centred(largest_tile(above.width, above.height), above));

  const int places = strip_places(canvas.width, small, gap);
  const int shown = std::min(places, static_cast<int>(order.size()) - 1);
  const int strip = shown * small.width + (shown - 1) * gap;
  const int left = even((canvas.width - strip) / 2);
  for (int i = 0; i < shown; ++i) {
    out.add(order[static_cast<std::size_t>(i) + 1],
            {left + i * (small.width + gap), even(canvas.height - small.height), small.width,
             small.height});
  }
}

void arrange_pip(const LayoutRequest& request, Arrangement& out) {
  const auto order = speaker_first(request);
  const auto canvas = request.canvas;
  const int gap = std::max(even(request.gap), even(canvas.height / 40));
  out.add(order[0], whole(canvas));

  const auto small = largest_tile(canvas.width / kInsetShare, canvas.height / kInsetShare);
  const int room = canvas.width - 2 * gap;
  const int shown = std::min(strip_places(room, small, gap), static_cast<int>(order.size()) - 1);
  for (int i = 0; i < shown; ++i) {
    const int x = std::max(0, canvas.width - (i + 1) * (small.width + gap));
    const int y = std::max(0, canvas.height - small.height - gap);
    out.add(order[static_cast<std::size_t>(i) + 1], {even(x), even(y), small.width, small.height},
            kNearer);
  }
}

/// The first two; a speaker who is neither takes the second place.
void arrange_side_by_side(const LayoutRequest& request, Arrangement& out) {
  const auto canvas = request.canvas;
  if (request.inputs.size() == 1) return out.add(0, whole(canvas));
  std::size_t second = 1;
  for (std::size_t i = 2; i < request.inputs.size(); ++i) {
    if (request.speaker == request.inputs[i].id) second = i;
  }
  const int half = even((canvas.width - even(request.gap)) / 2);
  out.add(0, {0, 0, half, canvas.height});
  out.add(second, {even(canvas.width) - half, 0, half, canvas.height});
}

Rectangle in_pixels(const CustomTile& tile, Size canvas) {
  const auto edge = [](double fraction, int pixels) {
    return std::clamp(2 * static_cast<int>(std::lround(fraction * pixels / 2)), 0, even(pixels));
  };
  const int left = std::min(edge(tile.x, canvas.width), even(canvas.width) - 2);
  const int top = std::min(edge(tile.y, canvas.height), even(canvas.height) - 2);
  const int right = std::max(edge(tile.x + tile.width, canvas.width), left + 2);
  const int bottom = std::max(edge(tile.y + tile.height, canvas.height), top + 2);
  return {left, top, right - left, bottom - top};
}

/// Which input each tile of a custom layout shows: those that are named first, then the slots.
class Casting {
 public:
  explicit Casting(const LayoutRequest& request)
      : request_(request), free_(request.inputs.size(), true) {
    for (const auto& tile : request.custom->tiles) {
      if (const auto* who = std::get_if<ShowParticipant>(&tile.shows)) take(by_name(who->name));
    }
    for (const auto& tile : request.custom->tiles) {
      if (!std::holds_alternative<ShowSpeaker>(tile.shows)) continue;
      speaker_ = by_speaking();
      take(speaker_);
    }
  }
  [[nodiscard]] std::optional<std::size_t> who(const CustomTile& tile) const {
    if (const auto* named = std::get_if<ShowParticipant>(&tile.shows)) return by_name(named->name);
    if (std::holds_alternative<ShowSpeaker>(tile.shows)) return speaker_;
    auto left = std::get<ShowSlot>(tile.shows).slot;
    for (std::size_t i = 0; i < free_.size(); ++i) {
      if (free_[i] && left-- == 0) return i;
    }
    return std::nullopt;
  }

 private:
  void take(std::optional<std::size_t> input) {
    if (input) free_[*input] = false;
  }
  [[nodiscard]] std::optional<std::size_t> by_name(const std::string& name) const {
    const auto found = std::ranges::find(request_.inputs, name, &LayoutInput::name);
    if (found == request_.inputs.end()) return std::nullopt;
    return static_cast<std::size_t>(found - request_.inputs.begin());
  }
  /// A speaker whom another tile shows by name is not shown twice.
  [[nodiscard]] std::optional<std::size_t> by_speaking() const {
    for (const auto i : speaker_first(request_)) {
      if (free_[i]) return i;
    }
    return std::nullopt;
  }
  const LayoutRequest& request_;
  std::vector<bool> free_;
  std::optional<std::size_t> speaker_;
};

void arrange_custom(const LayoutRequest& request, Arrangement& out) {
  const Casting casting(request);
  for (const auto& tile : request.custom->tiles) {
    const auto input = casting.who(tile);
    const auto* named = std::get_if<ShowParticipant>(&tile.shows);
    if (!input && !named) continue;
    Tile placed;
    placed.name = named ? named->name : request.inputs[*input].name;
    placed.where = in_pixels(tile, request.canvas);
    placed.z = tile.z;
    placed.alpha = tile.alpha;
    placed.caption = tile.caption;
    placed.fit = tile.fit.value_or(request.fit);
    if (input) {
      placed.input = request.inputs[*input].id;
      if (request.inputs[*input].whole) placed.fit = Fit::kWhole;
      placed.border = tile.border && request.speaker == placed.input;
    }
    out.add(std::move(placed));
  }
}

}  // namespace

std::vector<Rectangle> grid(Size canvas, std::size_t count, int gap) {
  std::vector<Rectangle> places;
  if (count == 0) return places;
  const int total = static_cast<int>(count);
  gap = even(gap);
  auto shape = best_shape(canvas, total, gap);
  if (shape.tile.width < kTinyTile) shape = best_shape(canvas, total, gap = 0);
  if (shape.tile.width < 2) return places;  // a canvas with less than two pixels for each

  const int height = shape.rows * shape.tile.height + (shape.rows - 1) * gap;
  const int top = even((canvas.height - height) / 2);
  for (int i = 0; i < total; ++i) {
    const int row = i / shape.columns;
    const int in_row = std::min(shape.columns, total - row * shape.columns);
    const int width = in_row * shape.tile.width + (in_row - 1) * gap;
    const int left = even((canvas.width - width) / 2);
    places.push_back({left + (i % shape.columns) * (shape.tile.width + gap),
                      top + row * (shape.tile.height + gap), shape.tile.width, shape.tile.height});
  }
  return places;
}

std::vector<Tile> arrange(const LayoutRequest& request) {
  Arrangement out(request);
  if (request.kind == LayoutKind::kCustom && request.custom) {
    arrange_custom(request, out);
    return out.done();
  }
  if (request.inputs.empty()) return {};
  switch (request.kind) {
    case LayoutKind::kSpeaker:
      arrange_speaker(request, out);
      break;
    case LayoutKind::kPip:
      arrange_pip(request, out);
      break;
    case LayoutKind::kSideBySide:
      arrange_side_by_side(request, out);
      break;
    default:
      arrange_grid(request, out);
  }
  return out.done();
}

}  // namespace rooms
