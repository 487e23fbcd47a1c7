// SPDX-License-Identifier: LGPL-2.1-or-later
// Additive and multiplicative increase, multiplicative decrease, steered by the delay
// (draft-ietf-rmcat-gcc-02 5.5).
#pragma once

#include <optional>

#include "gst/core/bwe/link_capacity.h"
#include "gst/core/bwe/overuse_detector.h"
#include "gst/core/units.h"

namespace rooms {

class RateControl {
 public:
  struct Input {
    LinkUse use = LinkUse::kNormal;
    std::optional<DataRate> arrived;
    Duration round_trip{};
    Duration waiting{};  ///< in the queue on the way
    /// While packets waited for each other in the queue: all that the link carries.
    std::optional<DataRate> full = {};
    bool application_limited = false;
  };

  explicit RateControl(DataRate start) : estimate_(start) {}

  /// After each feedback.
  DataRate update(const Input& input, Timestamp now);
  /// What a probe found; rises only.
  void raise(DataRate found, Timestamp now);
  /// Lower for another reason than delay.
  void lower(DataRate rate) { estimate_ = std::min(estimate_, rate); }
  void set_bounds(DataRate min, DataRate max);
  [[nodiscard]] DataRate estimate() const { return estimate_; }
  /// From when the link was last full.
  [[nodiscard]] std::optional<DataRate> capacity() const { return capacity_.mean(); }

 private:
  [[nodiscard]] bool may_decrease(const Input& input, Timestamp now) const;
  void decrease(const Input& input, Timestamp now);
  void increase(const Input& input, Timestamp now);
  /// Until then there is no increase; then the rate goes back to what the link carries.
  bool is_draining(const Input& input, Timestamp now);
  void set(DataRate rate) { estimate_ = std::clamp(rate, min_, max_); }

  DataRate estimate_;
  DataRate min_;
  DataRate max_ = DataRate::unlimited();
  LinkCapacity capacity_;
  std::optional<Timestamp> last_decrease_;
  std::optional<Timestamp> last_increase_;  // unset while holding
  std::optional<DataRate> resume_at_;       // once the queue has drained
};

}  // namespace rooms
