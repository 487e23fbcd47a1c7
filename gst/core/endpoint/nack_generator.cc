// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/nack_generator.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace rooms {

std::int64_t NackGenerator::unwrap(std::uint16_t sequence) const {
  return *highest_ + sequence_distance(static_cast<std::uint16_t>(*highest_), sequence);
}

PacketArrival NackGenerator::observe(std::uint16_t sequence, Timestamp now) {
  if (!highest_) {
    highest_ = std::int64_t{0x10000} + sequence;
    return PacketArrival::kInOrder;
  }
  const std::int64_t number = unwrap(sequence);
  const std::int64_t ahead = number - *highest_;
  if (std::abs(ahead) > config_.restart_distance) {
    give_up_all();
    wants_keyframe_ = true;
    highest_ = number;
    return PacketArrival::kRestarted;
  }
  if (ahead <= 0) {
    if (missing_.erase(number) == 0) return PacketArrival::kDuplicate;
    ++recovered_;
    return PacketArrival::kRecovered;
  }
  const auto gap = static_cast<std::size_t>(ahead - 1);
  if (missing_.size() + gap > config_.max_missing) {
    given_up_ += gap;
    give_up_all();
    wants_keyframe_ = true;
  } else {
    for (std::int64_t lost = *highest_ + 1; lost < number; ++lost) {
      missing_.emplace_hint(missing_.end(), lost, Missing{now, now, 0});
    }
  }
  highest_ = number;
  return PacketArrival::kInOrder;
}

void NackGenerator::observe_keyframe(std::uint16_t sequence) {
  if (!highest_) return;
  missing_.erase(missing_.begin(), missing_.lower_bound(unwrap(sequence)));
  wants_keyframe_ = false;
}

void NackGenerator::give_up_all() {
  if (missing_.empty()) return;
  given_up_ += missing_.size();
  missing_.clear();
  wants_keyframe_ = true;
}

Timestamp NackGenerator::next_request(const Missing& missing, Duration round_trip) const {
  if (missing.tries == 0) return missing.since + config_.reorder_wait;
  return missing.last_request + std::max(round_trip, config_.min_retry);
}

NackGenerator::Requests NackGenerator::due(Timestamp now, Duration round_trip) {
  due_.clear();
  for (auto it = missing_.begin(); it != missing_.end();) {
    auto& [number, missing] = *it;
    const bool time_to_ask = now >= next_request(missing, round_trip);
    if (now - missing.since >= config_.max_age ||
        (time_to_ask && missing.tries >= config_.max_tries)) {
      ++given_up_;
      wants_keyframe_ = true;
      it = missing_.erase(it);
      continue;
    }
    if (time_to_ask) {
      ++missing.tries;
      missing.last_request = now;
      due_.push_back(static_cast<std::uint16_t>(number));
    }
    ++it;
  }
  requested_ += due_.size();
  return {due_, std::exchange(wants_keyframe_, false)};
}

std::optional<Timestamp> NackGenerator::next_due(Duration round_trip) const {
  std::optional<Timestamp> next;
  for (const auto& [number, missing] : missing_) {
    const Timestamp at =
        std::min(next_request(missing, round_trip), missing.since + config_.max_age);
    if (!next || at < *next) next = at;
  }
  return next;
}

}  // namespace rooms
