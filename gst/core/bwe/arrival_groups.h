// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets to groups that left together (draft-ietf-rmcat-gcc-02 5.2), and how much longer each
// group took than the one before. Within a group nothing can be learnt: it queues behind itself.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

struct GroupDelta {
  Duration sent{};     ///< from the departure of one group to that of the next
  Duration arrived{};  ///< from the arrival of one group to that of the next
  Duration arrival{};  ///< of the later group, on the peer's clock
};

class ArrivalGroups {
 public:
  /// Told of each packet that arrived, in sending order. A packet that begins a group yields the
  /// delta between the two groups before it. `now`: when we learnt of it, to see jumps of the
  /// peer's clock.
  std::optional<GroupDelta> observe(Timestamp sent, Duration arrival, Timestamp now);
  /// How often it began anew because the peer's clock or the order of groups made no sense.
  [[nodiscard]] std::uint32_t resets() const { return resets_; }

 private:
  struct Group {
    Timestamp first_sent;
    Timestamp last_sent;
    Duration first_arrival{};
    Duration last_arrival{};
    Timestamp learnt;
  };
  static Group group_of(Timestamp sent, Duration arrival, Timestamp now) {
    return {sent, sent, arrival, arrival, now};
  }
  [[nodiscard]] bool belongs(Timestamp sent, Duration arrival) const;
  [[nodiscard]] std::optional<GroupDelta> delta();
  void restart(const Group& group);

  std::optional<Group> previous_;
  std::optional<Group> current_;
  unsigned backwards_ = 0;
  std::uint32_t resets_ = 0;
};

}  // namespace rooms
