// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/layout/transition.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rooms {

namespace {

bool is_same_one(const Tile& a, const Tile& b) {
  return a.input == b.input && (a.input || a.name == b.name);
}

const Tile* find(const std::vector<Tile>& tiles, const Tile& one) {
  const auto found =
      std::ranges::find_if(tiles, [&](const Tile& tile) { return is_same_one(tile, one); });
  return found == tiles.end() ? nullptr : &*found;
}

int between(int from, int to, double share) {
  return 2 * static_cast<int>(std::lround((from + (to - from) * share) / 2));
}

/// Edges are rounded, not sizes: what is within the canvas on both sides is so on the way.
Rectangle between(const Rectangle& from, const Rectangle& to, double share) {
  const int left = between(from.x, to.x, share);
  const int top = between(from.y, to.y, share);
  return {left, top, std::max(2, between(from.right(), to.right(), share) - left),
          std::max(2, between(from.bottom(), to.bottom(), share) - top)};
}

}  // namespace

double eased(double progress, Easing easing) {
  const double p = std::clamp(progress, 0.0, 1.0);
  return easing == Easing::kLinear ? p : p * p * (3 - 2 * p);
}

Transition::Transition(std::vector<Tile> from, std::vector<Tile> to, Timestamp start,
                       Duration duration, Easing easing)
    : from_(std::move(from)),
      to_(std::move(to)),
      start_(start),
      duration_(duration),
      easing_(easing) {}

bool Transition::done(Timestamp now) const { return now - start_ >= duration_; }

std::vector<Tile> Transition::at(Timestamp now) const {
  if (done(now)) return to_;
  const double share =
      eased(static_cast<double>((now - start_).count()) / static_cast<double>(duration_.count()),
            easing_);
  std::vector<Tile> tiles;
  for (const auto& old : from_) {
    if (find(to_, old)) continue;
    tiles.push_back(old);
    tiles.back().z = 0;
    tiles.back().alpha *= 1 - share;
  }
  for (const auto& wanted : to_) {
    auto tile = wanted;
    tile.z += 1;  // above those who go
    if (const auto* old = find(from_, wanted)) {
      tile.where = between(old->where, wanted.where, share);
      tile.alpha = old->alpha + (wanted.alpha - old->alpha) * share;
    } else {
      tile.alpha *= share;
    }
    tiles.push_back(std::move(tile));
  }
  return tiles;
}

}  // namespace rooms
