// SPDX-License-Identifier: LGPL-2.1-or-later
// What whoever moderates a room changes while it runs. A control counts as a whole: if one part of
// it is wrong, nothing of it is done.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gst/core/topology/topology.h"
#include "pipelines/mix_control.h"

namespace rooms {

/// What is not said stays as it is.
struct RoomControl {
  std::optional<Topology> topology;
  /// By the id of a participant (all it sends, also later) or of a track: whether the room may not
  /// hear or see it. What is said of a track goes before what is said of its participant, until
  /// something is said of the participant again.
  std::map<std::string, bool> mute;
  MixControl mix;
};

}  // namespace rooms
