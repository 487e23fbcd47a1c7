// SPDX-License-Identifier: LGPL-2.1-or-later
// MP4 that plays while it grows, and becomes an ordinary one when it ends.
//
//   ftyp | free | moov (no samples) | moof mdat | moof mdat | ..          as it goes on
//   ftyp | mdat ------------------------------------------- | moov        when it has ended
//
// What ends it: a moov with all tables is appended (players take the first one, and go on with the
// fragments), then the sixteen bytes of `free` become the head of one mdat around everything up to
// it. Each step leaves a file that plays.
#pragma once

#include <vector>

#include "gst/core/record/container.h"
#include "gst/core/record/mp4_boxes.h"
#include "gst/core/record/mp4_fragment.h"

namespace rooms {

class Mp4Writer : public ContainerWriter {
 public:
  Mp4Writer(std::vector<ContainerTrack> tracks, FileDescription description);

  std::vector<std::uint8_t> begin() override;
  void add(std::size_t track, EncodedFrame frame, Duration time) override;
  std::vector<std::uint8_t> flush() override;
  FileEnd finish() override;

 private:
  std::vector<std::uint8_t> append_fragment(bool to_the_last);

  FileDescription description_;
  std::vector<Mp4Track> tracks_;
  std::vector<PendingSamples> pending_;  // by track
  std::uint64_t position_ = 0;
  std::uint64_t free_at_ = 0;
  std::uint32_t fragments_ = 0;
};

}  // namespace rooms
