// SPDX-License-Identifier: LGPL-2.1-or-later
// What is asked of a push, and what is told of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gst/core/push/push_address.h"
#include "gst/core/result.h"
#include "pipelines/mix_control.h"

namespace rooms {

struct PushRequest {
  PushAddress address;
  MixControl mix;  ///< how the room is mixed from now on
};

enum class PushState : std::uint8_t {
  kConnecting,
  kLive,     ///< media flows
  kWaiting,  ///< until it is tried again; an SRT listener: for a player
  kFailed,
  kEnded,
};
/// "connecting", "live", "waiting", "failed", "ended"
std::string_view name_of(PushState state);

struct PushInfo {
  std::string id;   ///< unique in the room
  std::string uri;  ///< without secrets
  PushState state = PushState::kConnecting;
  Error error;            ///< why it waits, failed or ended; empty code: no error
  unsigned connects = 0;  ///< connections that were tried
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;  ///< frames that a slow connection did not take
};

}  // namespace rooms
