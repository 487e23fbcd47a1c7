// SPDX-License-Identifier: LGPL-2.1-or-later
// Audio levels as a GstStructure: how `sfureceive` tells them.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gst/core/audio/level_log.h"
#include "gst/glue/ref.h"

namespace rooms {

/// application/x-sfu-audio-levels: two arrays of one length, `times` (uint64, ns of
/// CLOCK_MONOTONIC) and `levels` (uint, -dBov 0..127), oldest first.
Owned<GstStructure> to_structure(const std::vector<HeardLevel>& levels);
/// Empty if the structure is another one.
std::vector<HeardLevel> heard_levels_in(const GstStructure* structure);

}  // namespace rooms
