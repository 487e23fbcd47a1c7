// SPDX-License-Identifier: LGPL-2.1-or-later
// From one set of tiles to another in a given time: who stays moves, who comes fades in, who goes
// fades out below the others.
#pragma once

#include <vector>

#include "gst/core/layout/layout.h"
#include "gst/core/time.h"

namespace rooms {

enum class Easing { kLinear, kSmooth };

/// Of 0..1 to 0..1; smooth starts and ends at rest.
double eased(double progress, Easing easing);

class Transition {
 public:
  Transition() = default;
  /// `duration` 0: at once.
  Transition(std::vector<Tile> from, std::vector<Tile> to, Timestamp start, Duration duration,
             Easing easing);

  [[nodiscard]] bool done(Timestamp now) const;
  /// `to` exactly, once done.
  [[nodiscard]] std::vector<Tile> at(Timestamp now) const;
  [[nodiscard]] const std::vector<Tile>& target() const { return to_; }

 private:
  std::vector<Tile> from_;
  std::vector<Tile> to_;
  Timestamp start_{};
  Duration duration_{};
  Easing easing_ = Easing::kSmooth;
};

}  // namespace rooms
