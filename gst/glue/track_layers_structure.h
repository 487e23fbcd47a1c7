// SPDX-License-Identifier: LGPL-2.1-or-later
// The layers of a track as a GstStructure: how `sfurouter` tells them.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gst/core/forward/track_layers.h"
#include "gst/glue/ref.h"

namespace rooms {

/// application/x-sfu-track-layers with an array `layers`, lowest first, of structures `layer`:
/// `rid` (string), `spatial`, `temporal`, `width`, `height` (uint), `bitrate` (uint64, bit/s),
/// `active` (boolean).
Owned<GstStructure> to_structure(const std::vector<TrackLayer>& layers);
/// Empty if the structure is another one; layers that make no sense are left out.
std::vector<TrackLayer> track_layers_in(const GstStructure* structure);

}  // namespace rooms
