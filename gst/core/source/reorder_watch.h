// SPDX-License-Identifier: LGPL-2.1-or-later
// Tells whether pictures come in another order than they are shown in (B-frames). WebRTC has no
// place for that: its receivers show pictures in the order in which they come.
#pragma once

#include <optional>

#include "gst/core/time.h"

namespace rooms {

class ReorderWatch {
 public:
  /// Of the next picture in decoding order. True, from then on: pictures are reordered.
  bool observe(Timestamp shown_at);
  [[nodiscard]] bool reorders() const { return reorders_; }

 private:
  std::optional<Timestamp> latest_;
  bool reorders_ = false;
};

}  // namespace rooms
