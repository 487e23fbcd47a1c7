// SPDX-License-Identifier: LGPL-2.1-or-later
// When to probe and how fast: at the start in large steps, from time to time while more might be
// possible, soon after a large drop, and further as long as probes succeed.
#pragma once

#include <array>
#include <optional>

#include "gst/core/bwe/overuse_detector.h"
#include "gst/core/bwe/probe.h"

namespace rooms {

class ProbeController {
 public:
  struct Input {
    DataRate estimate;
    DataRate max;
    /// The most that could be used now: no probe tries more than twice of it, and none is sent
    /// while the estimate is a quarter more.
    DataRate wanted = DataRate::unlimited();
    LinkUse use = LinkUse::kNormal;
    Duration waiting{};  ///< in the queue on the way
  };

  /// The next cluster to send, one at a time.
  std::optional<ProbePlan> next(const Input& input, Timestamp now);
  void observe_result(DataRate found, Timestamp now);
  void observe_estimate(DataRate estimate, Timestamp now);
  [[nodiscard]] std::uint32_t started() const { return static_cast<std::uint32_t>(next_id_); }

 private:
  static bool covers_wishes(const Input& input);
  void want(DataRate rate);
  std::optional<DataRate> take_pending(const Input& input);
  [[nodiscard]] bool is_due(const Input& input, Timestamp now) const;

  std::array<DataRate, 2> pending_{};
  std::size_t pending_count_ = 0;
  std::int32_t next_id_ = 0;
  std::optional<Timestamp> last_;  // plan that was given out
  DataRate last_rate_;
  bool is_answered_ = true;  // feedback of a probe may get lost, too
  DataRate before_drop_;
  Timestamp before_drop_at_{};
  std::optional<Timestamp> hopes_;  // of more than the estimate, since then
};

}  // namespace rooms
