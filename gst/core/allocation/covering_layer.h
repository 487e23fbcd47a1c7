// SPDX-License-Identifier: LGPL-2.1-or-later
// Which layer of a track is decoded for a tile of a mixed picture.
#pragma once

#include <optional>
#include <vector>

#include "gst/core/forward/track_layers.h"
#include "gst/core/layout/geometry.h"

namespace rooms {

/// The lowest spatial layer whose picture covers `tile` both ways (a twentieth less is not seen).
/// If none does, or no size is known, the highest that comes. nullopt: none comes.
std::optional<std::uint8_t> covering_layer(const std::vector<TrackLayer>& layers, Size tile);

}  // namespace rooms
