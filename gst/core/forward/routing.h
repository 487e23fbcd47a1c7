// SPDX-License-Identifier: LGPL-2.1-or-later
// Which encoding an output should get, given the encodings there are.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gst/core/forward/output_stream.h"

namespace rooms {

/// Encodings of the same track are its layers, in the order of their rows.
struct EncodingRow {
  EncodingId id = 0;
  std::string track;
  std::string rid;
  bool active = false;  ///< packets have come and the stream has not ended
};

/// The first active layer of the track, or its first layer if none is. `track` empty: of the first
/// track there is. 0: no such track.
EncodingId choose_encoding(std::span<const EncodingRow> rows, std::string_view track);

/// The place of an encoding among the layers of its track; -1: there is no such encoding.
int layer_of(std::span<const EncodingRow> rows, EncodingId id);

/// nullptr: none.
const EncodingRow* find_encoding(std::span<const EncodingRow> rows, EncodingId id);

}  // namespace rooms
