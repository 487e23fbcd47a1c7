// SPDX-License-Identifier: LGPL-2.1-or-later
// The boxes that describe the tracks of an MP4 file (ISO/IEC 14496-12, 14496-15, and the bindings
// of AV1, VP9 and Opus).
#pragma once

#include <cstdint>
#include <vector>

#include "gst/core/record/box_writer.h"
#include "gst/core/record/container.h"

namespace rooms {

struct Mp4Sample {
  std::uint32_t duration = 0;  ///< in the track's timescale
  std::uint32_t size = 0;
  std::int32_t offset = 0;  ///< of presentation behind decoding
  bool keyframe = false;
};

/// Samples that stand next to each other in the file.
struct Mp4Chunk {
  std::uint64_t at = 0;
  std::uint32_t samples = 0;
};

struct Mp4Track {
  ContainerTrack about;
  std::uint32_t timescale = 90000;
  std::uint64_t start = 0;  ///< of the first sample, in the timescale
  std::vector<Mp4Sample> samples;
  std::vector<Mp4Chunk> chunks;

  [[nodiscard]] std::uint64_t duration() const;
};

/// Of mvhd, which counts in milliseconds.
constexpr std::uint32_t kMovieTimescale = 1000;

/// `fragmented`: the samples are in moof boxes, the tables stay empty.
void write_moov(ByteWriter& out, const std::vector<Mp4Track>& tracks,
                const FileDescription& description, bool fragmented);

}  // namespace rooms
