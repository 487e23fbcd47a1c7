// SPDX-License-Identifier: LGPL-2.1-or-later
// Matroska and WebM (RFC 9559) that play while they grow: clusters of known size behind each other
// in a segment whose size is not known yet. At the end the index (Cues) is appended, and the
// segment's size, its duration and where the index stands are written over space kept for them.
#pragma once

#include <optional>
#include <vector>

#include "gst/core/record/box_writer.h"
#include "gst/core/record/container.h"

namespace rooms {

class MatroskaWriter : public ContainerWriter {
 public:
  /// `webm`: says so, and is for codecs that WebM knows.
  MatroskaWriter(bool webm, std::vector<ContainerTrack> tracks, FileDescription description);

  std::vector<std::uint8_t> begin() override;
  void add(std::size_t track, EncodedFrame frame, Duration time) override;
  std::vector<std::uint8_t> flush() override;
  FileEnd finish() override;

 private:
  struct Block {
    std::size_t track = 0;
    std::int64_t time = 0;  ///< ms
    bool keyframe = false;
    std::vector<std::uint8_t> data;
  };
  struct Cue {
    std::int64_t time = 0;
    std::size_t track = 0;
    std::uint64_t cluster = 0;  ///< from the segment's first byte
  };
  void write_track(ByteWriter& out, std::size_t number) const;
  void write_clusters(ByteWriter& out);
  std::vector<std::uint8_t> seek_head() const;

  bool webm_;
  FileDescription description_;
  std::vector<ContainerTrack> tracks_;
  std::optional<std::size_t> cue_track_;  // the picture, else the first
  std::vector<Block> blocks_;
  std::vector<Cue> cues_;
  std::int64_t length_ = 0;  // ms
  std::int64_t last_cue_ = -1;
  std::uint64_t position_ = 0;
  std::uint64_t segment_at_ = 0;  // its first byte behind the head
  std::uint64_t seek_at_ = 0;
  std::uint64_t info_at_ = 0;
  std::uint64_t tracks_at_ = 0;
  std::uint64_t duration_at_ = 0;
  std::uint64_t cues_at_ = 0;
};

}  // namespace rooms
