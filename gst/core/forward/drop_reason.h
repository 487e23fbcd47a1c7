// SPDX-License-Identifier: LGPL-2.1-or-later
// Why a packet does not go out. Core never logs: the shell counts these by name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rooms {

enum class DropReason : std::uint8_t {
  kNone,
  kPaused,
  kNotWanted,  ///< of a track that this output does not show
  kWaitingForKeyframe,
  kBeforeSwitch,  ///< came late, from before the packet this source was joined at, or too late to
                  ///< have a place
  kDuplicate,
  kNoPayload,      ///< padding only (bandwidth probes)
  kTemporalLayer,  ///< above the highest temporal layer this output takes
  kSpatialLayer,   ///< of a spatial layer that this output does not take
  kUndecodable,    ///< needs a frame that was left out
  kNoRoom,         ///< its consumer is too slow: the hand-off is full
  kNoConsumer,     ///< not linked, or its consumer failed
};
constexpr std::size_t kDropReasonCount = 12;

constexpr std::string_view name_of(DropReason reason) {
  constexpr std::array<std::string_view, kDropReasonCount> kNames = {
      "none",          "paused",      "not-wanted", "waiting-for-keyframe",
      "before-switch", "duplicate",   "no-payload", "temporal-layer",
      "spatial-layer", "undecodable", "no-room",    "no-consumer"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace rooms
