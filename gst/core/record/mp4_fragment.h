// SPDX-License-Identifier: LGPL-2.1-or-later
// The moving part of MP4 (ISO/IEC 14496-12 8.8): samples of a track that wait for the length of the
// last of them, and fragments made of runs of samples.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "gst/core/record/box_writer.h"
#include "gst/core/record/encoded_frame.h"
#include "gst/core/record/mp4_boxes.h"

namespace rooms {

/// Video: 90 kHz; sound: its samples.
std::uint32_t mp4_timescale(const StreamSetup& setup);
/// Rounded; what is negative is zero.
std::uint64_t to_ticks(Duration time, std::uint32_t timescale);

/// Samples of one track that follow each other.
struct Mp4Run {
  std::size_t track = 0;      ///< position among the tracks of the moov
  std::uint64_t decoded = 0;  ///< when the first is, in the timescale
  std::vector<Mp4Sample> samples;
  std::vector<std::vector<std::uint8_t>> data;  ///< of each
};

class PendingSamples {
 public:
  explicit PendingSamples(std::uint32_t timescale) : timescale_(timescale) {}

  /// In decoding order. Of a frame that is shown earlier than the one before (B-frames), decoding
  /// goes on and presentation goes back.
  void add(EncodedFrame frame, Duration time);
  /// The last one lasts until then.
  void end_last(Duration time);
  void set_last_duration(std::uint32_t ticks) { pending_.back().sample.duration = ticks; }
  /// The first `count`, which are not pending any more.
  Mp4Run take(std::size_t track, std::size_t count);

  [[nodiscard]] std::size_t size() const { return pending_.size(); }
  /// Of the last but one; 0: there is none.
  [[nodiscard]] std::uint32_t usual_duration() const {
    return pending_.size() > 1 ? pending_[pending_.size() - 2].sample.duration : 0;
  }

 private:
  struct Pending {
    Mp4Sample sample;
    std::uint64_t decoded = 0;
    std::vector<std::uint8_t> data;
  };
  std::uint32_t timescale_;
  std::deque<Pending> pending_;
};

/// `moof` and `mdat` of runs that are not empty. Where the data of each run begins in `out`.
std::vector<std::size_t> write_fragment(ByteWriter& out, std::uint32_t sequence_number,
                                        const std::vector<Mp4Run>& runs);

}  // namespace rooms
