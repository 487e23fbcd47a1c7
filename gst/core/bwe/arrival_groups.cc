// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/bwe/arrival_groups.h"

#include <algorithm>

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kGroupLength = milliseconds(5);
// Packets that a device on the way held back come in one lump: their spacing says nothing.
constexpr Duration kLumpGap = milliseconds(5);
constexpr Duration kLongestLump = milliseconds(100);
constexpr Duration kClockJump = seconds(3);
constexpr unsigned kMostBackwards = 3;

}  // namespace

bool ArrivalGroups::belongs(Timestamp sent, Duration arrival) const {
  if (sent - current_->first_sent <= kGroupLength) return true;
  const Duration arrived = arrival - current_->last_arrival;
  return arrived >= Duration{} && arrived <= kLumpGap && arrived < sent - current_->last_sent &&
         arrival - current_->first_arrival < kLongestLump;
}

void ArrivalGroups::restart(const Group& group) {
  previous_.reset();
  current_ = group;
  backwards_ = 0;
  ++resets_;
}

std::optional<GroupDelta> ArrivalGroups::delta() {
  if (!previous_) return std::nullopt;
  GroupDelta delta;
  delta.sent = current_->last_sent - previous_->last_sent;
  delta.arrived = current_->last_arrival - previous_->last_arrival;
  delta.arrival = current_->last_arrival;
  return delta;
}

std::optional<GroupDelta> ArrivalGroups::observe(Timestamp sent, Duration arrival, Timestamp now) {
  const Group fresh = group_of(sent, arrival, now);
  if (!current_) {
    current_ = fresh;
    return std::nullopt;
  }
  // The peer's clock and ours measure the same time, give or take the delay of feedback.
  const Duration drift = (arrival - current_->last_arrival) - (now - current_->learnt);
  if (drift > kClockJump || drift < -kClockJump) {
    restart(fresh);
    return std::nullopt;
  }
  if (sent < current_->first_sent) return std::nullopt;  // of a group that is closed
  if (belongs(sent, arrival)) {
    current_->last_sent = std::max(current_->last_sent, sent);
    current_->last_arrival = std::max(current_->last_arrival, arrival);
    current_->learnt = now;
    return std::nullopt;
  }
  const auto result = delta();
  if (result && result->arrived < Duration{}) {
    if (++backwards_ >= kMostBackwards)
      restart(fresh);
    else
      current_ = fresh;
    return std::nullopt;
  }
  backwards_ = 0;
  previous_ = current_;
  current_ = fresh;
  return result;
}

}  // namespace rooms
