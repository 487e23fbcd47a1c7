// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a playlist that is asked for with `_HLS_msn` and `_HLS_part` is there yet (RFC 8216bis
// 6.2.5.2).
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/hls/segment_window.h"

namespace rooms {

struct HlsReload {
  std::optional<std::uint64_t> segment;  ///< _HLS_msn
  std::optional<std::uint64_t> part;     ///< _HLS_part
};

enum class HlsReloadState : std::uint8_t {
  kReady,
  kWait,    ///< it comes soon
  kTooFar,  ///< nobody can know of it: 400
  kWrong,   ///< a part without a segment: 400
};

HlsReloadState state_of(const HlsReload& reload, const SegmentWindow& window);

}  // namespace rooms
