// SPDX-License-Identifier: LGPL-2.1-or-later
// A peer that estimates its line by itself (REMB) believes in little more than what reaches it: in
// libwebrtc, and in what follows it, one and a half times that. So a viewer that has fallen to a
// small layer would stay there for ever. While more is wanted than it allows, this says what to
// send besides, so that it sees that more comes through.
#pragma once

#include <optional>

#include "gst/core/bwe/probe.h"
#include "gst/core/units.h"

namespace rooms {

class RemoteGrowth {
 public:
  struct Input {
    DataRate limit;   ///< the peer's last REMB
    DataRate media;   ///< what is sent at present, without what is sent for this
    DataRate wanted;  ///< the most that could be used; zero: unknown, nothing is sent besides
  };

  /// What is to leave next, media and padding together; ask when the one before has left. Rests
  /// after the peer has become more cautious meanwhile, longer each time.
  std::optional<ProbePlan> next(const Input& input, Timestamp now);

 private:
  void observe(DataRate limit, Timestamp now);

  DataRate known_;  // the last limit
  std::optional<Timestamp> padded_;
  Timestamp rests_until_{};
  Duration rest_{};
};

}  // namespace rooms
