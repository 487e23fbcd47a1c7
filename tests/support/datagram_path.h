// SPDX-License-Identifier: LGPL-2.1-or-later
// One direction of the way that datagrams take: a LinkModel, and what else happens to single ones:
// they come twice, or late enough that others overtake them. Decides only: time and randomness are
// arguments, nothing is kept of the datagrams themselves.
#pragma once

#include <array>
#include <cstdint>

#include "tests/support/link_model.h"

namespace rooms::test {

/// As made: a way that changes nothing.
struct PathPlan {
  LinkPlan link{.capacity = {{Duration{}, DataRate::unlimited()}}, .propagation = {}};
  double duplicate = 0;  ///< 0 .. 1, each datagram for itself: it comes twice
  double reorder = 0;    ///< 0 .. 1, each for itself: it comes later by `reorder_by`
  Duration reorder_by = std::chrono::milliseconds(20);
};

class DatagramPath {
 public:
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t bytes = 0;       ///< of those received
    std::uint64_t forwarded = 0;   ///< copies included
    std::uint64_t lost = 0;        ///< by chance
    std::uint64_t overflowed = 0;  ///< no room in the queue before the line
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
  };
  /// When it arrives, once or twice; never for one that is lost.
  class Arrivals {
   public:
    void add(Timestamp time) { times_[count_++] = time; }
    [[nodiscard]] auto begin() const { return times_.begin(); }
    [[nodiscard]] auto end() const { return times_.begin() + count_; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] Timestamp operator[](std::size_t i) const { return times_[i]; }

   private:
    std::array<Timestamp, 2> times_{};
    std::uint8_t count_ = 0;
  };

  DatagramPath(const PathPlan& plan, Random& random)
      : plan_(plan), random_(random), link_(plan.link, random) {}

  /// For what is sent from now on; what is on its way or waits keeps its time.
  void change(const PathPlan& plan) {
    plan_ = plan;
    link_.change(plan.link);
  }
  [[nodiscard]] const PathPlan& plan() const { return plan_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

  Arrivals send(DataSize size, Timestamp now) {
    ++counters_.received;
    counters_.bytes += static_cast<std::uint64_t>(size.bytes());
    Arrivals arrivals;
    const bool is_full = link_.waiting(now) > plan_.link.queue;
    const auto arrival = link_.send(size, now);
    if (!arrival) {
      ++(is_full ? counters_.overflowed : counters_.lost);
      return arrivals;
    }
    const bool is_late = random_.chance(plan_.reorder);
    if (is_late) ++counters_.reordered;
    arrivals.add(*arrival + (is_late ? plan_.reorder_by : Duration{}));
    if (random_.chance(plan_.duplicate)) {
      ++counters_.duplicated;
      arrivals.add(arrivals[0]);
    }
    counters_.forwarded += arrivals.size();
    return arrivals;
  }

 private:
  PathPlan plan_;
  Random& random_;
  LinkModel link_;
  Counters counters_;
};

}  // namespace rooms::test
