// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/routing.h"

#include <algorithm>

namespace rooms {

EncodingId choose_encoding(std::span<const EncodingRow> rows, std::string_view track) {
  if (rows.empty()) return 0;
  if (track.empty()) track = rows.front().track;
  EncodingId first = 0;
  for (const auto& row : rows) {
    if (row.track != track) continue;
    if (row.active) return row.id;
    if (first == 0) first = row.id;
  }
  return first;
}

const EncodingRow* find_encoding(std::span<const EncodingRow> rows, EncodingId id) {
  const auto at =
      std::find_if(rows.begin(), rows.end(), [id](const EncodingRow& row) { return row.id == id; });
  return id != 0 && at != rows.end() ? &*at : nullptr;
}

int layer_of(std::span<const EncodingRow> rows, EncodingId id) {
  const EncodingRow* found = find_encoding(rows, id);
  if (!found) return -1;
  return static_cast<int>(std::count_if(
      rows.data(), found, [&](const EncodingRow& row) { return row.track == found->track; }));
}

}  // namespace rooms
