// SPDX-License-Identifier: LGPL-2.1-or-later
// Which frames of one layered stream one receiver gets: those of a decode target, and never one
// that needs a frame left out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/codec/frame_info.h"
#include "gst/core/codec/frame_layers.h"
#include "gst/core/forward/drop_reason.h"

namespace rooms {

/// The target changes only where a picture begins, all its spatial layers together, so that the
/// receiver is told correctly where each picture ends. Down at once, as far as the lower target has
/// been forwarded (not so where lower layers are left out as unnecessary: L3T3_KEY); up where the
/// stream says that a receiver of less may begin with more. What cannot be had so waits for a
/// keyframe, which is asked for.
class LayerFilter {
 public:
  struct Verdict {
    DropReason reason = DropReason::kNone;  ///< anything else: left out
    /// Last packet of the picture for this receiver, though the sender goes on.
    bool ends_picture = false;
    bool wants_keyframe = false;

    [[nodiscard]] bool forward() const { return reason == DropReason::kNone; }
  };

  void limit(LayerTarget highest) { limit_ = highest; }
  [[nodiscard]] LayerTarget limit() const { return limit_; }
  /// The next packet is the first of a keyframe; what came before it was not forwarded.
  void join();
  /// Of a packet with `layers.told`. `timestamp` tells pictures apart.
  Verdict consider(const FrameInfo& frame, std::uint32_t timestamp);

  /// What flows now.
  [[nodiscard]] LayerTarget target() const { return target_; }

 private:
  /// What became of the newest 64 frames of a numbered line. Lost ones count as forwarded: they may
  /// still come.
  struct Line {
    bool started = false;
    std::uint16_t newest = 0;
    std::uint32_t timestamp = 0;     // of the newest
    std::uint64_t decided = 0;       // bit n: the frame n before the newest
    std::uint64_t left_out = ~0ULL;  // before the beginning nothing was forwarded
    bool older_left_out = true;

    /// Numbers before the newest; negative: ahead of it.
    [[nodiscard]] int age_of(const FrameLayers& layers, std::uint32_t at) const;
    void advance(unsigned steps);
    [[nodiscard]] bool lacks(int age, std::uint64_t needs, bool needs_older) const;
  };

  void choose_target(const FrameLayers& layers, bool has_what_it_needs);
  /// Targets that the frame begins, if it is forwarded.
  [[nodiscard]] TargetSet begun_by(const FrameLayers& layers) const;
  [[nodiscard]] TargetSet reachable(const FrameLayers& layers, bool has_what_it_needs) const;
  [[nodiscard]] bool has_needs(const FrameLayers& layers, int age) const;
  void begin_anew();
  Verdict decide(const FrameInfo& frame, std::uint32_t timestamp);
  Verdict judge(const FrameLayers& layers, bool has_what_it_needs);
  [[nodiscard]] DropReason reason_against(const FrameLayers& layers) const;

  static constexpr unsigned kPatience = 3;

  std::array<Line, LayerTarget::kSide> lines_;
  LayerTarget limit_;
  LayerTarget target_;
  /// Targets of which nothing that is required has been left out since they could last be begun.
  TargetSet intact_ = ~TargetSet{0};
  bool wants_keyframe_ = false;
  std::optional<std::uint32_t> picture_;
  /// Keyframes in a row after which the stream still said it needs what never was forwarded: it
  /// does not tell the truth.
  unsigned contradictions_ = 0;
  bool contradicted_ = false;
};

}  // namespace rooms
