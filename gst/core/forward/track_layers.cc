// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/track_layers.h"

#include <algorithm>

namespace rooms {
namespace {

/// With simulcast the encodings are the spatial layers, and what is within one comes whole.
bool counts(const LayerTable& table, const LayerTable::Row& row, bool simulcast) {
  return !simulcast || row.target.spatial == table.rows.back().target.spatial;
}

}  // namespace

std::vector<TrackLayer> layers_of(std::span<const EncodingRow> rows) {
  std::vector<TrackLayer> layers;
  const bool simulcast = rows.size() > 1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TrackLayer layer;
    layer.rid = rows[i].rid;
    layer.active = rows[i].active;
    layer.spatial = static_cast<std::uint8_t>(simulcast ? i : 0);
    const auto* table = rows[i].table.get();
    if (!table || table->rows.empty()) {
      layers.push_back(layer);
      continue;
    }
    const unsigned top = table->rows.back().target.spatial;
    for (const auto& row : table->rows) {
      if (!counts(*table, row, simulcast)) continue;
      const unsigned below = simulcast ? 0 : top - std::min<unsigned>(top, row.target.spatial);
      if (!simulcast) layer.spatial = row.target.spatial;
      layer.temporal = row.target.temporal;
      layer.width = std::uint32_t{table->width} >> below;
      layer.height = std::uint32_t{table->height} >> below;
      layer.bitrate = row.bitrate;
      layers.push_back(layer);
    }
  }
  return layers;
}

}  // namespace rooms
