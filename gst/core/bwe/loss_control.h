// SPDX-License-Identifier: LGPL-2.1-or-later
// The ceiling that loss imposes (draft-ietf-rmcat-gcc-02 6). Loss that does not go away when less
// is sent, and comes without delay, is the link's own (radio); only what exceeds it is congestion.
#pragma once

#include <optional>

#include "gst/core/units.h"

namespace rooms {

class LossControl {
 public:
  struct Input {
    int lost = 0;  ///< less than zero when more came late than got lost
    int received = 0;
    Duration waiting{};  ///< in the queue on the way
    Duration round_trip{};
    DataRate estimate;  ///< in force now
    /// What the link carries, known from a queue that stood lately: loss was of that one.
    std::optional<DataRate> full = {};
  };

  /// After each feedback.
  void observe(const Input& input, Timestamp now);
  /// A probe of that rate has arrived.
  void raise(DataRate found);
  /// unlimited() when loss has nothing to say.
  [[nodiscard]] DataRate ceiling() const { return ceiling_; }
  /// Of all packets, smoothed over a second: 0 .. 1.
  [[nodiscard]] double ratio() const { return ratio_; }
  /// The part of it that is the link's own.
  [[nodiscard]] double inherent() const { return inherent_; }

 private:
  void close(const Input& input, Timestamp now);
  void learn_inherent(const Input& input, double seconds);
  void decide(const Input& input, Timestamp now, double seconds);
  void cut(const Input& input, Timestamp now, double excess);

  int lost_ = 0;
  int received_ = 0;
  std::optional<Timestamp> window_begin_;
  double ratio_ = 0;
  double inherent_ = 0;
  DataRate ceiling_ = DataRate::unlimited();
  std::optional<Timestamp> last_cut_;
};

}  // namespace rooms
