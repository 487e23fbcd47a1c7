// SPDX-License-Identifier: LGPL-2.1-or-later
// The layers of a track as one list: simulcast and SVC alike, in the numbers of `LayerLimits`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gst/core/forward/routing.h"

namespace rooms {

struct TrackLayer {
  std::string rid;  ///< of its encoding
  std::uint8_t spatial = 0;
  std::uint8_t temporal = 0;
  std::uint32_t width = 0;  ///< pixels; 0: not known
  std::uint32_t height = 0;
  /// bit/s of RTP packets, lower layers that it needs included. 0: not measured yet. Of an encoding
  /// that rests: as last measured.
  std::uint64_t bitrate = 0;
  bool active = false;  ///< packets come

  bool operator==(const TrackLayer&) const = default;
};

/// Lowest first. `rows` as order_layers leaves them. Of an encoding that is not measured yet, one
/// layer. Where a stream does not tell the sizes of its lower spatial layers each counts as half of
/// the next, as in the L*T* modes of webrtc-svc.
std::vector<TrackLayer> layers_of(std::span<const EncodingRow> rows);

}  // namespace rooms
