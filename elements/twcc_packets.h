// SPDX-License-Identifier: LGPL-2.1-or-later
// What GStreamer's rtpsession says upstream about transport-wide feedback (`RTPTWCCPackets`, since
// 1.18), as the results the estimator takes.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gst/core/endpoint/sequence_number.h"
#include "gst/core/endpoint/transport_feedback_history.h"

namespace rooms {

class TwccPackets {
 public:
  /// Valid until the next call. Packets that were never sent, or are told of once more, have no
  /// sending time and are left out and counted.
  std::span<const PacketResult> read(const GstStructure* packets);
  [[nodiscard]] std::uint64_t ignored() const { return ignored_; }

  /// Whether this is such an event.
  static bool is_in(GstEvent* event);

 private:
  [[nodiscard]] Duration unwrap(GstClockTime remote);
  void read_one(const GstStructure* packet);

  RolloverUnwrapper sequences_;
  std::optional<Duration> last_remote_;
  std::uint64_t ignored_ = 0;
  std::vector<PacketResult> results_;
};

}  // namespace rooms
