// SPDX-License-Identifier: LGPL-2.1-or-later
// What each slot of one subscriber gets, over time: the allocator with its memory. Beyond
// `allocate_bitrate` it decides what may not happen too fast: nothing is paused before the line is
// known and has been too narrow for a while, what was paused rests for a while, and what fell does
// not rise again at once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/allocation/bitrate_allocator.h"
#include "gst/core/time.h"

namespace rooms {

/// What is known of the line to a subscriber.
struct LineState {
  DataRate estimate;
  bool estimating = false;  ///< the peer tells of it; before, `estimate` is a guess
  /// It has negotiated to do so. Who has not, or does not keep the promise, has a line without
  /// limits.
  bool will_tell = false;
};

class ViewerAllocator {
 public:
  struct Config {
    AllocatorConfig shares{.faster_margin = 0.04};
    /// So long after a fall for want of budget `raise_margin` counts for frame rates as well. Twice
    /// as long each time, up to the longest, where the fall comes `soon` after a frame rate rose.
    Duration careful = std::chrono::seconds(2);
    Duration longest_careful = std::chrono::seconds(16);
    /// After the peer began to tell: as long as it takes probes to find the line's width.
    Duration settling = std::chrono::seconds(4);
    /// So long who has promised to tell of the line may be silent.
    Duration promise = std::chrono::seconds(5);
    /// So long a slot keeps its lowest layer although the budget lacks it: a publisher that can
    /// make it smaller has done so by then.
    Duration patience = std::chrono::seconds(4);
    /// And so long it rests at least.
    Duration least_pause = std::chrono::seconds(2);
    /// Where nothing at all is sent, nothing tells that the line has become wider: the first slot
    /// is tried again after this, for as long as `patience`.
    Duration retry = std::chrono::seconds(5);
    /// After a fall for want of budget. Twice as long each time, up to the longest, where the fall
    /// comes soon after a rise: the line does not carry what it seemed to.
    Duration no_rise = std::chrono::seconds(2);
    Duration longest_no_rise = std::chrono::seconds(16);
    Duration soon = std::chrono::seconds(4);
    /// An estimate that dips for less than this takes frame rates only, no sizes, as long as no
    /// more than this part of it is used: a smaller picture begins with a keyframe, too.
    Duration dip = std::chrono::milliseconds(500);
    double grace = 1.15;
    /// Of the frame rate alone.
    Duration no_faster = std::chrono::seconds(1);
    /// Between two larger pictures on a limited line: each begins with a keyframe.
    Duration spacing = std::chrono::milliseconds(900);
  };
  struct Slot {
    std::string track;    ///< what it shows; memory goes with it
    AllocationSlot wish;  ///< `current` is filled in here
  };

  ViewerAllocator() = default;
  explicit ViewerAllocator(const Config& config) : config_(config) {}

  /// In the order of `slots`. Call it when the estimate falls, and twice a second.
  const Allocation& update(const LineState& line, DataRate audio, std::vector<Slot> slots,
                           Timestamp now);
  [[nodiscard]] const Allocation& allocation() const { return allocation_; }
  /// Nothing is known that could limit it.
  [[nodiscard]] bool is_unlimited(const LineState& line, Timestamp now) const;
  /// What could be sent if the line carried everything.
  [[nodiscard]] DataRate wanted() const { return wanted_; }

 private:
  struct Memory {
    std::optional<LayerChoice> given;
    std::optional<Timestamp> short_since;
    std::optional<Timestamp> paused_at;
    std::optional<Timestamp> fell_at;
    std::optional<Timestamp> rose_at;
    Duration no_rise{};
  };
  [[nodiscard]] DataRate budget(const LineState& line, const AllocationRequest& request,
                                Timestamp now) const;
  void restrain(AllocationSlot& wish, const Memory& memory, Timestamp now) const;
  /// What is to be done now, be it a dip or not.
  [[nodiscard]] Allocation divide(AllocationRequest& request, Timestamp now);
  [[nodiscard]] AllocatorConfig shares(Timestamp now) const;
  void space_rises(const AllocationRequest& request, Timestamp now);
  void note_change(const SlotAllocation& share, Memory& memory, Timestamp now);
  void retry(const AllocationRequest& request, const std::vector<std::string>& tracks,
             Timestamp now);
  void conclude(SlotAllocation& share, const AllocationSlot& wish, Memory& memory, Timestamp now);

  Config config_;
  std::map<std::string, Memory> memories_;
  std::optional<Timestamp> begun_;
  std::optional<Timestamp> known_since_;
  std::optional<Timestamp> tried_at_;    // a slot although the line seems to carry none
  std::optional<Timestamp> dips_since_;  // sizes do not fit
  std::optional<Timestamp> larger_at_;   // a picture, on a limited line
  std::optional<Timestamp> faster_at_;   // a picture
  std::optional<Timestamp> fell_at_;     // any picture, for want of budget
  Duration careful_{};
  Allocation allocation_;
  DataRate wanted_;
};

}  // namespace rooms
