// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/packet_order.h"

#include <algorithm>
#include <utility>

namespace rooms {

void PacketOrder::push(std::uint16_t sequence, OrderedPacket packet, Timestamp now) {
  if (!next_) next_ = sequence;
  const auto distance =
      static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - (*next_ & 0xFFFF)));
  if (distance > config_.jump || -distance > config_.jump) {
    // Another numbering. What waited was of the former one.
    lost_ += waiting_.empty() ? 0 : 1;
    waiting_.clear();
    next_ = sequence;
    after_loss_ = true;
    waiting_.emplace(*next_, Waiting{std::move(packet), now});
    return;
  }
  if (distance < 0) {
    ++late_;
    return;
  }
  waiting_.try_emplace(*next_ + distance, Waiting{std::move(packet), now});
}

std::optional<OrderedPacket> PacketOrder::pop(Timestamp now) {
  if (waiting_.empty()) return std::nullopt;
  auto first = waiting_.begin();
  if (first->first != *next_) {
    // By the oldest arrival: the gap is as old as the first packet that came behind it.
    const bool impatient = config_.patience < Duration::zero() ||
                           now - first->second.since >= config_.patience ||
                           waiting_.size() > config_.most;
    if (!impatient) return std::nullopt;
    lost_ += static_cast<std::uint64_t>(first->first - *next_);
    after_loss_ = true;
  }
  OrderedPacket packet = std::move(first->second.packet);
  packet.after_loss = std::exchange(after_loss_, false);
  next_ = first->first + 1;
  waiting_.erase(first);
  return packet;
}

}  // namespace rooms
