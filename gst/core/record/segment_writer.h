// SPDX-License-Identifier: LGPL-2.1-or-later
// One track as CMAF (ISO/IEC 23000-19): an init segment, and fragments that are cut where the
// caller says. Segments are fragments behind each other. Sans I/O.
#pragma once

#include <cstdint>
#include <vector>

#include "gst/core/record/container.h"
#include "gst/core/record/mp4_fragment.h"

namespace rooms {

class SegmentWriter {
 public:
  /// `track`: of a codec that `fits` MP4.
  SegmentWriter(ContainerTrack track, FileDescription description);

  [[nodiscard]] std::vector<std::uint8_t> init_segment() const;
  /// In decoding order; `time` since the presentation began, never negative.
  void add(EncodedFrame frame, Duration time);
  /// All that was added, of which the last lasts until `end`; empty: nothing was.
  std::vector<std::uint8_t> cut(Duration end);

 private:
  FileDescription description_;
  std::vector<Mp4Track> tracks_;  // one
  PendingSamples pending_;
  std::uint32_t fragments_ = 0;
};

}  // namespace rooms
