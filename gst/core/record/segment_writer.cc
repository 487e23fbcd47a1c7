// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/segment_writer.h"

#include <utility>

namespace rooms {

SegmentWriter::SegmentWriter(ContainerTrack track, FileDescription description)
    : description_(std::move(description)), pending_(mp4_timescale(track.setup)) {
  Mp4Track described;
  described.timescale = mp4_timescale(track.setup);
  described.about = std::move(track);
  tracks_.push_back(std::move(described));
}

std::vector<std::uint8_t> SegmentWriter::init_segment() const {
  ByteWriter out;
  out.box("ftyp", [&] { out.text("iso6").u32(0).text("iso6").text("cmfc").text("mp41"); });
  write_moov(out, tracks_, description_, true);
  return out.take();
}

void SegmentWriter::add(EncodedFrame frame, Duration time) { pending_.add(std::move(frame), time); }

std::vector<std::uint8_t> SegmentWriter::cut(Duration end) {
  if (pending_.size() == 0) return {};
  pending_.end_last(end);
  ByteWriter out;
  std::vector<Mp4Run> runs;
  runs.push_back(pending_.take(0, pending_.size()));
  write_fragment(out, ++fragments_, runs);
  return out.take();
}

}  // namespace rooms
