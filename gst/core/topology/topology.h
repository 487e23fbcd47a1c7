// SPDX-License-Identifier: LGPL-2.1-or-later
// Which way a room's media takes, as its moderator or the configuration says.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rooms {

enum class Topology : std::uint8_t {
  kAuto,  ///< direct between two who can, once they have stayed two for a while; else forwarded
  kSfu,   ///< always forwarded
  kMesh,  ///< direct between two who can, at once; else forwarded
  kMcu,   ///< forwarded; who subscribes is expected to take the mix
};

constexpr std::size_t kTopologies = 4;

/// "auto", "sfu", "mesh", "mcu".
std::string_view name_of(Topology topology);
/// nullopt: there is none of that name.
std::optional<Topology> topology_named(std::string_view name);

}  // namespace rooms
