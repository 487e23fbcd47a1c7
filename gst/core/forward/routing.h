// SPDX-License-Identifier: LGPL-2.1-or-later
// Which encoding, and which of its layers, an output should get, given the encodings there are.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gst/core/codec/frame_layers.h"
#include "gst/core/forward/layer_meter.h"
#include "gst/core/forward/output_stream.h"

namespace rooms {

/// One encoding of a track. With simulcast a track has several: each is a spatial layer.
struct EncodingRow {
  EncodingId id = 0;
  std::string rid;
  bool active = false;                      ///< packets come
  std::shared_ptr<const LayerTable> table;  ///< nullptr: not measured yet
};

/// Lowest first: by picture size where known, else by measured bit rate where it differs clearly.
/// What cannot be told apart stays in the order it had: that of the publisher's description (RFC
/// 8853 leaves its meaning to the sender; browsers and OBS go from low to high, or the reverse).
void order_layers(std::vector<EncodingRow>& rows);

/// What an output may take; -1, and 0 for the bit rate: no limit.
struct LayerLimits {
  int max_spatial = -1;  ///< index of the encoding, or of the spatial layer of a single encoding
  int max_temporal = -1;
  std::uint64_t target_bitrate = 0;  ///< bit/s

  bool operator==(const LayerLimits&) const = default;
};

struct Route {
  EncodingId encoding = 0;  ///< 0: there is none
  LayerTarget layers;       ///< highest within the encoding
  bool operator==(const Route&) const = default;
};

/// `rows` as order_layers leaves them; `current`: the last answer. The highest active encoding and
/// layers within the limits. Under a bit rate: of those whose measured rate fits, spatial layers
/// first, giving up at most the highest temporal layer for one; if nothing fits, the least there
/// is. To go up takes a tenth of room to spare, so that rates that waver change nothing. Nothing
/// active within max_spatial: the lowest that is active, or the first of all.
Route choose_route(std::span<const EncodingRow> rows, const LayerLimits& limits,
                   const Route& current);

/// The place of an encoding in `rows`; -1: it is not there.
int layer_of(std::span<const EncodingRow> rows, EncodingId id);

/// Counted from 0; -1: none.
struct LayerNumbers {
  int spatial = -1;
  int temporal = -1;
};
/// What `route` comes to, of the layers there are: simulcast layers count as spatial ones.
LayerNumbers numbers_of(std::span<const EncodingRow> rows, const Route& route);

}  // namespace rooms
