// SPDX-License-Identifier: LGPL-2.1-or-later
// What a publisher should send of one track, from what all its subscribers want: a phone uploads
// only what somebody watches. A layer that is wanted again is asked for at once; one that nobody
// wants any more is stopped a few seconds later, since each start costs a keyframe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gst/core/time.h"
#include "gst/core/units.h"

namespace rooms {

/// What one subscriber (or a recorder) takes of the track.
struct LayerWish {
  std::size_t encoding = 0;  ///< position among the publisher's encodings (simulcast layers)
  /// More than this it could not take; unlimited: it takes what comes.
  DataRate most = DataRate::unlimited();
};

struct EncodingDemand {
  bool active = true;
  /// For the sender's maxBitrate; nullopt: no cap. Only of an encoding that is active.
  std::optional<DataRate> max_bitrate;
  friend bool operator==(const EncodingDemand&, const EncodingDemand&) = default;
};

class UpstreamDemand {
 public:
  struct Config {
    /// An encoding is unwanted for this long before the publisher is told.
    Duration hold_off = std::chrono::seconds(4);
    /// And a cap too high for this long.
    Duration cap_hold_off = std::chrono::seconds(1);
    /// Caps closer than this part to the one in force change nothing.
    double least_change = 0.2;
    /// No cap is lower: an encoder at less makes no picture.
    DataRate least_cap = DataRate::kilobits_per_second(50);
  };
  UpstreamDemand() = default;
  explicit UpstreamDemand(const Config& config) : config_(config) {}

  /// `encodings`: how many the publisher has; wishes for others are ignored. New encodings start
  /// active. True: tell the publisher, `demand` has changed.
  bool update(std::size_t encodings, const std::vector<LayerWish>& wishes, Timestamp now);
  /// Whether packets of it come. What does not come is not stopped: that saves nothing, and a
  /// publisher whose line has become narrow sends it again by itself when it can. Until it is told
  /// an encoding counts as one that comes.
  void note(std::size_t encoding, bool flows);
  [[nodiscard]] const std::vector<EncodingDemand>& demand() const { return demand_; }
  [[nodiscard]] bool is_stopped(std::size_t encoding) const {
    return encoding < demand_.size() && !demand_[encoding].active;
  }
  [[nodiscard]] bool is_capped(std::size_t encoding) const {
    return encoding < demand_.size() && demand_[encoding].max_bitrate;
  }
  /// When `update` could change something without a new wish; nullopt: never.
  [[nodiscard]] std::optional<Timestamp> next_change() const;
  /// Wishes for encodings that do not exist, so far.
  [[nodiscard]] std::uint64_t ignored() const { return ignored_; }

 private:
  struct State {
    std::optional<Timestamp> unwanted_since;
    std::optional<Timestamp> too_high_since;
    bool flows = true;
  };
  bool update_active(EncodingDemand& demand, State& state, bool wanted, Timestamp now) const;
  bool update_cap(EncodingDemand& demand, State& state, DataRate most, Timestamp now) const;

  Config config_;
  std::vector<EncodingDemand> demand_;
  std::vector<State> states_;
  std::uint64_t ignored_ = 0;
};

}  // namespace rooms
