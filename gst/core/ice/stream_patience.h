// SPDX-License-Identifier: LGPL-2.1-or-later
// For how long a TCP connection of the media port is put up with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

struct StreamPatience {
  /// From accept to the first authentic connectivity check. Browsers check as soon as they have
  /// connected.
  Duration unclaimed = std::chrono::seconds(10);
  /// What may come until then, in bytes: some dozens of checks.
  std::size_t unclaimed_bytes = 8192;
  /// Without one whole frame. Peers check the pairs they keep every 30 s at the latest (RFC 7675
  /// 5.1); browsers every 25 s.
  Duration idle = std::chrono::seconds(60);
  /// With bytes to send and a peer that takes none.
  Duration stuck = std::chrono::seconds(10);
};

struct StreamProgress {
  Timestamp accepted;
  bool claimed = false;              ///< an authentic check has come
  std::size_t received = 0;          ///< bytes, before it was claimed
  Timestamp last_frame;              ///< whole ones only: `accepted` before the first
  std::optional<Timestamp> blocked;  ///< something waits, and this was when bytes last left
};

enum class StreamVerdict : std::uint8_t {
  kKeep,
  kUnclaimedTooLong,
  kUnclaimedTooMuch,
  kIdle,
  kStuck,
};

constexpr StreamVerdict judge(const StreamProgress& stream, const StreamPatience& patience,
                              Timestamp now) {
  if (!stream.claimed) {
    if (stream.received > patience.unclaimed_bytes) return StreamVerdict::kUnclaimedTooMuch;
    if (now - stream.accepted >= patience.unclaimed) return StreamVerdict::kUnclaimedTooLong;
  } else if (now - stream.last_frame >= patience.idle) {
    return StreamVerdict::kIdle;
  }
  if (stream.blocked && now - *stream.blocked >= patience.stuck) return StreamVerdict::kStuck;
  return StreamVerdict::kKeep;
}

}  // namespace rooms
