// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/pacing/fair_queue.h"

#include <algorithm>

namespace rooms {
namespace {

constexpr DataSize kTurn = DataSize::bytes(1500);  // no packet is larger
constexpr std::size_t kLeast = 32;                 // packets; a power of two

}  // namespace

void FairQueue::Stream::push(const Packet& packet) {
  if (size() == ring_.size()) {
    std::vector<Packet> larger(std::max(kLeast, ring_.size() * 2));
    const auto count = size();
    for (std::size_t i = 0; i < count; ++i) larger[i] = pop();
    ring_ = std::move(larger);
    head_ = 0;
    tail_ = count;
  }
  ring_[tail_++ & (ring_.size() - 1)] = packet;
}

void FairQueue::push(std::uint32_t stream, const Packet& packet) {
  if (stream >= streams_.size()) streams_.resize(stream + 1);
  if (streams_[stream].is_empty()) turns_.push_back(stream);
  streams_[stream].push(packet);
  ++size_;
}

FairQueue::Packet FairQueue::pop() {
  while (true) {
    auto& stream = streams_[turns_[turn_]];
    if (stream.credit >= stream.front().size) return take(turn_);
    stream.credit += std::max(kTurn, stream.front().size);
    turn_ = (turn_ + 1) % turns_.size();
  }
}

FairQueue::Packet FairQueue::take(std::size_t turn) {
  auto& stream = streams_[turns_[turn]];
  const Packet packet = stream.pop();
  stream.credit = std::max(stream.credit - packet.size, DataSize{});
  --size_;
  if (stream.is_empty()) end_turns(turn);
  return packet;
}

void FairQueue::end_turns(std::size_t turn) {
  streams_[turns_[turn]].credit = {};
  turns_.erase(turns_.begin() + static_cast<std::ptrdiff_t>(turn));
  if (turn_ > turn) --turn_;
  if (turn_ >= turns_.size()) turn_ = 0;
}

std::size_t FairQueue::oldest_turn() const {
  const auto oldest = std::min_element(turns_.begin(), turns_.end(), [&](auto a, auto b) {
    return streams_[a].front().since < streams_[b].front().since;
  });
  return static_cast<std::size_t>(oldest - turns_.begin());
}

void FairQueue::clear() {
  while (!turns_.empty()) {
    auto& stream = streams_[turns_.back()];
    while (!stream.is_empty()) stream.pop();
    end_turns(turns_.size() - 1);
  }
  size_ = 0;
}

}  // namespace rooms
