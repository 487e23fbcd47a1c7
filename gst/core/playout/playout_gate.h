// SPDX-License-Identifier: LGPL-2.1-or-later
// Which frames of one stream go on to players: those that come while somebody plays, of a picture
// from a keyframe on, and nothing up to the next one when what is before them is not taken. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gst/core/record/encoded_frame.h"

namespace rooms {

class PlayoutGate {
 public:
  explicit PlayoutGate(bool picture)
      : picture_(picture), most_waiting_(picture ? std::size_t{1} << 20 : std::size_t{1} << 14) {}

  /// Whether somebody plays it.
  void set_flowing(bool flowing);
  /// `waiting`: bytes before it that the network has not taken yet.
  bool admit(const EncodedFrame& frame, std::size_t waiting);
  [[nodiscard]] bool is_flowing() const { return flowing_; }
  /// Nothing goes on without one.
  [[nodiscard]] bool wants_keyframe() const { return flowing_ && picture_ && !open_; }
  /// Frames that went on.
  [[nodiscard]] std::uint64_t passed() const { return passed_; }
  /// Frames left out because the network did not take those before.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  const bool picture_;
  const std::size_t most_waiting_;
  bool flowing_ = false;
  bool open_ = false;
  bool behind_ = false;
  std::uint64_t passed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace rooms
