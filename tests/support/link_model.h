// SPDX-License-Identifier: LGPL-2.1-or-later
// One direction of a network path in simulated time: a bottleneck whose capacity follows a plan, a
// queue before it that drops what does not fit, then propagation, jitter and loss. Seeded.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "gst/core/units.h"
#include "tests/core/wire/random.h"

namespace rooms::test {

struct LinkPlan {
  /// From `at` on; until the next step if that is no ramp, else changing linearly towards it.
  struct Step {
    Duration at{};
    DataRate capacity;
    bool is_ramp = false;
  };
  std::vector<Step> capacity{{Duration{}, DataRate::kilobits_per_second(1000)}};
  /// So much passes at once after a pause, as a token bucket lets it.
  DataSize burst{};
  Duration propagation = std::chrono::milliseconds(25);
  Duration queue = std::chrono::milliseconds(300);  ///< that long at the capacity of the moment
  Duration jitter{};                                ///< 0 .. this, evenly
  bool reorders = false;                            ///< jitter may let packets overtake
  double loss = 0;                                  ///< 0 .. 1, each packet for itself
  double burst_begins = 0;                          ///< per packet; during a burst all are lost
  double burst_ends = 1;
  Duration dead_from = Duration::max();  ///< nothing arrives from then on
};

class LinkModel {
 public:
  LinkModel(LinkPlan plan, Random& random) : plan_(std::move(plan)), random_(random) {}

  /// For what is sent from now on; what is on its way or waits keeps its time.
  void change(LinkPlan plan) { plan_ = std::move(plan); }

  [[nodiscard]] DataRate capacity(Timestamp now) const {
    const Duration time = now.time_since_epoch();
    DataRate rate = plan_.capacity.front().capacity;
    for (std::size_t i = 0; i < plan_.capacity.size() && plan_.capacity[i].at <= time; ++i) {
      rate = plan_.capacity[i].capacity;
      if (i + 1 == plan_.capacity.size() || !plan_.capacity[i + 1].is_ramp) continue;
      const auto& next = plan_.capacity[i + 1];
      if (next.at <= time) continue;
      const double part =
          in_seconds(time - plan_.capacity[i].at) / in_seconds(next.at - plan_.capacity[i].at);
      rate = rate * (1 - part) + next.capacity * part;
    }
    return rate;
  }
  /// How long a packet that came now would wait.
  [[nodiscard]] Duration waiting(Timestamp now) const {
    return std::max(free_at_ - now, Duration{});
  }
  /// When it arrives; nullopt: it does not.
  std::optional<Timestamp> send(DataSize size, Timestamp now) {
    if (waiting(now) > plan_.queue) return std::nullopt;
    const DataRate rate = capacity(std::max(free_at_, now));
    free_at_ = std::max(free_at_, now - plan_.burst / rate) + size / rate;
    if (is_lost(now)) return std::nullopt;
    Timestamp arrival = std::max(free_at_, now) + plan_.propagation;
    if (plan_.jitter > Duration{})
      arrival += Duration(random_.between<std::int64_t>(0, plan_.jitter.count()));
    if (!plan_.reorders) arrival = std::max(arrival, last_arrival_);
    last_arrival_ = arrival;
    return arrival;
  }

 private:
  bool is_lost(Timestamp now) {
    if (now.time_since_epoch() >= plan_.dead_from) return true;
    in_burst_ = in_burst_ ? !random_.chance(plan_.burst_ends) : random_.chance(plan_.burst_begins);
    return in_burst_ || random_.chance(plan_.loss);
  }

  LinkPlan plan_;
  Random& random_;
  Timestamp free_at_{};
  Timestamp last_arrival_{};
  bool in_burst_ = false;
};

}  // namespace rooms::test
