// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/topology/topology.h"

#include <algorithm>
#include <array>

namespace rooms {
namespace {

constexpr std::array<std::string_view, kTopologies> kNames{"auto", "sfu", "mesh", "mcu"};

}  // namespace

std::string_view name_of(Topology topology) { return kNames[static_cast<std::size_t>(topology)]; }

std::optional<Topology> topology_named(std::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Topology>(found - kNames.begin());
}

}  // namespace rooms
