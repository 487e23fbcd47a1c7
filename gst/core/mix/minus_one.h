// SPDX-License-Identifier: LGPL-2.1-or-later
// Everybody hears everybody else: all inputs are summed once, and each is subtracted from the sum.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/mix/aligned_input.h"
#include "gst/core/mix/sample_format.h"

namespace rooms {

/// A round is begin, any number of writes, end. Sums are doubles and exact (see `tame`), so each
/// output is what adding up the others would give; it is rounded once, and saturates: S16 at its
/// limits, F32 at -1 and 1.
class MinusOneMixer {
 public:
  using Id = unsigned;
  struct Config {
    SampleFormat format;
    AlignedInput::Config input;  ///< channels: those of `format`
  };

  /// A change of block or channels empties all inputs.
  void configure(const Config& config);
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] std::size_t block() const { return config_.input.block; }  ///< frames
  [[nodiscard]] std::size_t block_size() const { return block() * config_.format.frame_size(); }

  /// Its first samples may be for what is mixed next. Inputs move when others come and go.
  AlignedInput& add(Id id, bool live);
  void remove(Id id);
  [[nodiscard]] AlignedInput* find(Id id);
  void set_live(Id id, bool live);
  /// Reached linearly in the course of the next block, or before the first sample; 0: muted, which
  /// costs no addition.
  void set_gain(Id id, float gain);
  /// Of each input before gain, with every round; costs a pass over its samples.
  void measure_levels(bool on) { measures_ = on; }
  /// -dBov (RFC 6464), the loudest block since this was asked last.
  unsigned take_level(Id id);

  // One round.
  void begin(std::int64_t position);
  /// Of the last begun or passed: where the next round's block begins.
  [[nodiscard]] std::int64_t position() const { return position_; }
  /// How many inputs are no silence.
  [[nodiscard]] std::size_t contributors() const { return contributors_; }
  [[nodiscard]] bool contributes(Id id) const;
  /// The sum of all; `out` has a block's size.
  void write_total(MutableBytes out) const;
  /// Without that one, which contributes.
  void write_without(Id id, MutableBytes out) const;
  void end();
  /// Time passes without a round.
  void skip_to(std::int64_t position);
  /// Time begins anew; inputs are empty.
  void restart();

 private:
  struct Input {
    Id id;
    AlignedInput samples;
    bool live = true;
    float gain = 1;
    float reached = 1;  ///< gain at the end of the last block
    unsigned level = 127;
    std::span<float> contribution;
  };
  [[nodiscard]] Input* input_of(Id id);
  [[nodiscard]] const Input* input_of(Id id) const;
  [[nodiscard]] AlignedInput::Config config_of(const Input& input) const;
  [[nodiscard]] static AlignedInput::Config with_live(AlignedInput::Config config, bool live);
  void amplify(Input& input) const;

  Config config_;
  bool measures_ = false;
  std::int64_t position_ = 0;
  std::size_t contributors_ = 0;
  std::vector<double> total_;
  std::vector<Input> inputs_;  // by id: all are looked at in each round
};

}  // namespace rooms
