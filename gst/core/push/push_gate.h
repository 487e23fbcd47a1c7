// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes on to a connection that may be slower than the room: everything, or nothing up to the
// next keyframe, so that a picture never refers to one that was left out. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gst/core/record/encoded_frame.h"

namespace rooms {

class PushGate {
 public:
  /// Bytes that wait for the connection: some seconds of a programme.
  static constexpr std::size_t kMostWaiting = 2 << 20;

  /// Whether the frame goes on; `waiting`: bytes before it. Opens with a keyframe of the picture,
  /// and with sound not older than that.
  bool admit(const EncodedFrame& frame, bool video, std::size_t waiting);
  /// A new connection begins with a keyframe.
  void close() { open_since_.reset(); }
  [[nodiscard]] bool is_open() const { return open_since_.has_value(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  std::optional<Timestamp> open_since_;
  std::uint64_t dropped_ = 0;  // once it was open
  bool behind_ = false;
};

}  // namespace rooms
