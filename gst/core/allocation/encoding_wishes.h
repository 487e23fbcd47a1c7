// SPDX-License-Identifier: LGPL-2.1-or-later
// What one viewer wants of the encodings of a track, given what its line was divided into: the
// input of `UpstreamDemand`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gst/core/allocation/bitrate_allocator.h"
#include "gst/core/forward/track_layers.h"

namespace rooms {

struct EncodingWish {
  std::string rid;
  DataRate most;  ///< more than this it could not take; unlimited: it takes what comes

  bool operator==(const EncodingWish&) const = default;
};

/// One track that a viewer is shown.
struct ShownTrack {
  SlotAllocation given;
  std::vector<TrackLayer> layers;
  /// The most that the publisher is known to send of it when nobody holds it back; zero: unknown.
  DataRate unrestrained;
  bool is_capped = false;  ///< it is held back now
};

/// Whether `layers` leave the allocator no choice, so that only the publisher can make it smaller.
bool is_indivisible(const std::vector<TrackLayer>& layers);

/// `spare`: what is left of the line for this track besides what it is given, negative where that
/// was too much; nullopt: the line has no limit. Of a track with layers a viewer on a limited line
/// wants the lowest too, to fall back on without a wait. One without is wanted as far as the line
/// goes, once it has not fitted: a cap on what fits would only hold back a publisher that is still
/// about to rise.
std::vector<EncodingWish> wishes_for(const ShownTrack& shown, std::optional<DataRate> spare);

}  // namespace rooms
