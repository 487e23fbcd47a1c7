// SPDX-License-Identifier: LGPL-2.1-or-later
// One input of a mixer, laid on the mixer's time line. Positions are frames of 48 kHz since the
// line's beginning. Whoever mixes never waits for what is written here: where nothing was written
// in time there is silence.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "gst/core/mix/sample_format.h"

namespace rooms {

/// Where samples go is what their timestamps say. A jump of 10 ms or more is a gap, or an overlap
/// of which the later samples lose. What amounts to less is jitter, or a clock that drifts: its
/// average is followed in steps of at most 1 ms a buffer, cut out or doubled under a cross-fade.
///
/// A live input may also be late or early as a whole. If in 200 ms nothing came in time, it is
/// played later from then on, and earlier again when it comes earlier; if all of it came more than
/// `max_lead` ahead of what is mixed next, it is played earlier. So `max_lead` bounds the time for
/// which samples wait here.
class AlignedInput {
 public:
  struct Config {
    std::size_t block = 960;  ///< frames that are read at once
    unsigned channels = 1;
    bool live = true;
    std::int64_t slack = 480;       ///< frames that samples may come late as a matter of course
    std::int64_t max_lead = 7200;   ///< frames
    std::int64_t capacity = 28800;  ///< frames ahead that are held at most; >= max_lead
    bool operator==(const Config&) const = default;
  };
  /// In frames, but `jumps` and `shift_changes`.
  struct Counters {
    std::uint64_t written = 0;
    std::uint64_t late = 0;        ///< lost: were to be mixed already
    std::uint64_t overlapped = 0;  ///< lost: their time was taken by earlier ones
    std::uint64_t overflowed = 0;  ///< lost: too far ahead
    std::uint64_t inserted = 0;
    std::uint64_t removed = 0;
    std::uint64_t jumps = 0;
    std::uint64_t shift_changes = 0;
  };

  explicit AlignedInput(const Config& config) { configure(config, 0); }
  /// Keeps what is in it if block and channels stay; else begins anew at `position`.
  void configure(const Config& config, std::int64_t position);
  /// Forgets all samples; what comes next is placed anew.
  void clear();
  /// Likewise, and reading begins anew.
  void restart(std::int64_t position) {
    read_ = position;
    clear();
  }

  /// Of samples that belong to `position` (nullopt: behind the last): where to write them. May
  /// change their number.
  std::int64_t align(std::optional<std::int64_t> position, std::vector<float>& samples);
  /// Likewise of `frames` of silence.
  std::int64_t align_silence(std::int64_t position, std::int64_t frames);
  [[nodiscard]] bool has_room(std::int64_t at, std::int64_t frames) const {
    return at + frames <= read_ + capacity_;
  }
  void write(std::int64_t at, std::span<const float> samples);
  void write_silence(std::int64_t at, std::int64_t frames);

  // The reader. Positions go on by a block each time, or jump ahead.
  /// Ready for a whole block: there can be no more for it.
  [[nodiscard]] bool covers(std::int64_t end) const { return known_until_ >= end; }
  /// Nothing is missing up to there: the writer waits with samples for `position`.
  void promise(std::int64_t position) { known_until_ = std::max(known_until_, position); }
  /// The block at `position`; empty if it holds nothing but silence. May be changed until `pass`.
  [[nodiscard]] std::span<float> block(std::int64_t position);
  /// Frames before `position` will not be asked for any more.
  void pass(std::int64_t position);

  [[nodiscard]] std::int64_t written_until() const { return next_; }
  [[nodiscard]] std::int64_t shift() const { return shift_; }  ///< frames; > 0: played later
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  std::int64_t place(std::int64_t target, std::int64_t frames);
  void watch_lead(std::int64_t lead, std::int64_t frames);
  void change_shift(std::int64_t by);
  void absorb(std::vector<float>& samples);
  void remove(std::vector<float>& samples, std::size_t frames);
  void insert(std::vector<float>& samples, std::size_t frames);
  [[nodiscard]] std::int64_t first_free(std::int64_t at, std::int64_t end);
  void go_on(std::int64_t from, std::int64_t to);
  [[nodiscard]] float* slot(std::int64_t at);
  void erase(std::int64_t from, std::int64_t to);

  Config config_;
  std::vector<float> ring_;       // zero outside [read_, loud_until_)
  std::int64_t capacity_ = 0;     // frames, a multiple of the block
  std::int64_t read_ = 0;         // what is mixed next
  std::int64_t next_ = 0;         // behind the last one written
  std::int64_t loud_until_ = 0;   // behind the last one written that is not silent
  std::int64_t known_until_ = 0;  // see covers
  std::int64_t shift_ = 0;
  bool placed_ = false;
  double error_ = 0;  // frames, average: how much later samples should be than they are
  // Of the last 200 ms: how far ahead of what is mixed next samples came.
  std::int64_t watched_ = 0;
  std::int64_t least_lead_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t most_lead_ = std::numeric_limits<std::int64_t>::min();
  Counters counters_;
};

}  // namespace rooms
