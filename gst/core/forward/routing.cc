// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/routing.h"

#include <algorithm>
#include <optional>

namespace rooms {
namespace {

/// Rates closer than this say nothing about which layer is the higher one.
bool clearly_more(std::uint64_t a, std::uint64_t b) { return b != 0 && a > b + b / 2; }

bool stands_above(const EncodingRow& a, const EncodingRow& b) {
  if (!a.table || !b.table) return false;
  const auto pixels_a = a.table->pixels();
  const auto pixels_b = b.table->pixels();
  if (pixels_a != 0 && pixels_b != 0 && pixels_a != pixels_b) return pixels_a > pixels_b;
  return clearly_more(a.table->bitrate, b.table->bitrate);
}

/// One thing to choose: an encoding up to some layers.
struct Candidate {
  Route choice;
  std::uint64_t bitrate = 0;
  std::size_t encoding = 0;  // index
};

constexpr std::uint8_t clamp_layer(int limit) {
  return limit < 0 ? LayerTarget::kAll
                   : static_cast<std::uint8_t>(std::min<int>(limit, LayerTarget::kAll));
}

LayerTarget within_encoding(std::span<const EncodingRow> rows, const LayerLimits& limits) {
  LayerTarget target;
  target.temporal = clamp_layer(limits.max_temporal);
  if (rows.size() == 1) target.spatial = clamp_layer(limits.max_spatial);
  return target;
}

/// Best first: higher spatial layers, and of each the highest temporal layer and the one below it;
/// then what is left of the lowest.
std::vector<Candidate> candidates_of(std::span<const EncodingRow> rows, std::size_t count,
                                     LayerTarget highest) {
  std::vector<Candidate> best;
  std::vector<Candidate> last_resort;
  for (std::size_t i = count; i-- > 0;) {
    const auto& row = rows[i];
    if (!row.active || !row.table) continue;
    for (int spatial = LayerTarget::kAll; spatial >= 0; --spatial) {
      unsigned given_up = 0;
      bool has_any = false;
      for (auto at = row.table->rows.rbegin(); at != row.table->rows.rend(); ++at) {
        const auto target = at->target;
        if (target.spatial != spatial || target.spatial > highest.spatial ||
            target.temporal > highest.temporal)
          continue;
        if (!has_any) last_resort.clear();
        has_any = true;
        const Candidate one{{row.id, target}, at->bitrate, i};
        (given_up++ < 2 ? best : last_resort).push_back(one);
      }
    }
  }
  best.insert(best.end(), last_resort.begin(), last_resort.end());
  return best;
}

bool is_above(const Candidate& a, const Candidate& b) {
  if (a.encoding != b.encoding) return a.encoding > b.encoding;
  if (a.choice.layers.spatial != b.choice.layers.spatial)
    return a.choice.layers.spatial > b.choice.layers.spatial;
  return a.choice.layers.temporal > b.choice.layers.temporal;
}

std::optional<Route> choose_by_bitrate(const std::vector<Candidate>& candidates,
                                       std::uint64_t target, const Route& current) {
  if (candidates.empty()) return std::nullopt;
  const auto flowing = std::find_if(candidates.begin(), candidates.end(),
                                    [&](const Candidate& one) { return one.choice == current; });
  for (const auto& one : candidates) {
    const bool rises = flowing != candidates.end() && is_above(one, *flowing);
    const std::uint64_t needed = rises ? one.bitrate + one.bitrate / 10 : one.bitrate;
    if (needed != 0 && needed <= target) return one.choice;
  }
  return candidates.back().choice;
}

}  // namespace

void order_layers(std::vector<EncodingRow>& rows) {
  // Comparisons are not transitive where something is unknown: neighbours change places, and at
  // most so often that it comes to an end.
  for (std::size_t pass = 0; pass < rows.size(); ++pass)
    for (std::size_t i = 1; i < rows.size(); ++i)
      if (stands_above(rows[i - 1], rows[i])) std::swap(rows[i - 1], rows[i]);
}

Route choose_route(std::span<const EncodingRow> rows, const LayerLimits& limits,
                   const Route& current) {
  if (rows.empty()) return {};
  const LayerTarget highest = within_encoding(rows, limits);
  const std::size_t allowed =
      limits.max_spatial < 0 || rows.size() == 1
          ? rows.size()
          : std::min(rows.size(), static_cast<std::size_t>(limits.max_spatial) + 1);
  if (limits.target_bitrate != 0) {
    const auto candidates = candidates_of(rows, allowed, highest);
    if (const auto choice = choose_by_bitrate(candidates, limits.target_bitrate, current))
      return *choice;
  }
  const auto is_active = [](const EncodingRow& row) { return row.active; };
  const auto within = rows.first(allowed);
  if (const auto top = std::find_if(within.rbegin(), within.rend(), is_active);
      top != within.rend())
    return {top->id, highest};
  const auto lowest = std::find_if(rows.begin(), rows.end(), is_active);
  return {lowest != rows.end() ? lowest->id : rows.front().id, highest};
}

int layer_of(std::span<const EncodingRow> rows, EncodingId id) {
  const auto at =
      std::find_if(rows.begin(), rows.end(), [id](const EncodingRow& row) { return row.id == id; });
  return at != rows.end() ? static_cast<int>(at - rows.begin()) : -1;
}

LayerNumbers numbers_of(std::span<const EncodingRow> rows, const Route& route) {
  const int place = layer_of(rows, route.encoding);
  if (place < 0) return {};
  const auto& table = rows[static_cast<std::size_t>(place)].table;
  const auto highest = table ? highest_target(table->targets(), route.layers) : std::nullopt;
  const auto within = highest.value_or(LayerTarget{0, 0});
  return {rows.size() > 1 ? place : within.spatial, within.temporal};
}

}  // namespace rooms
