// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/mp4_writer.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kLargeMdatHead = 16;

}  // namespace

Mp4Writer::Mp4Writer(std::vector<ContainerTrack> tracks, FileDescription description)
    : description_(std::move(description)) {
  for (auto& about : tracks) {
    Mp4Track track;
    track.timescale = mp4_timescale(about.setup);
    pending_.emplace_back(track.timescale);
    track.about = std::move(about);
    tracks_.push_back(std::move(track));
  }
}

std::vector<std::uint8_t> Mp4Writer::begin() {
  ByteWriter out;
  out.box("ftyp", [&] {
    out.text("isom").u32(0x200);
    out.text("isom").text("iso5").text("iso6").text("mp41").text("mp42");
  });
  free_at_ = out.size();
  out.box("free", [&] { out.zeros(kLargeMdatHead - 8); });
  write_moov(out, tracks_, description_, true);
  position_ = out.size();
  return out.take();
}

void Mp4Writer::add(std::size_t number, EncodedFrame frame, Duration time) {
  pending_[number].add(std::move(frame), time);
}

std::vector<std::uint8_t> Mp4Writer::flush() { return append_fragment(false); }

std::vector<std::uint8_t> Mp4Writer::append_fragment(bool to_the_last) {
  std::vector<Mp4Run> runs;
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    // Of each track all but the last one, whose duration is not known.
    const std::size_t kept = to_the_last ? 0 : 1;
    if (pending_[t].size() > kept) runs.push_back(pending_[t].take(t, pending_[t].size() - kept));
  }
  if (runs.empty()) return {};
  ByteWriter out;
  const auto data_at = write_fragment(out, ++fragments_, runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    auto& track = tracks_[runs[i].track];
    const auto& samples = runs[i].samples;
    if (track.samples.empty()) track.start = runs[i].decoded;
    track.chunks.push_back({position_ + data_at[i], static_cast<std::uint32_t>(samples.size())});
    track.samples.insert(track.samples.end(), samples.begin(), samples.end());
  }
  position_ += out.size();
  return out.take();
}

FileEnd Mp4Writer::finish() {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    auto& pending = pending_[t];
    if (pending.size() == 0) continue;
    // As long as the one before.
    const auto& samples = tracks_[t].samples;
    std::uint32_t duration = pending.usual_duration();
    if (duration == 0)
      duration = samples.empty() ? tracks_[t].timescale / 50 : samples.back().duration;
    // Not that of a pause.
    pending.set_last_duration(std::min(duration, tracks_[t].timescale / 5));
  }
  FileEnd end;
  end.append = append_fragment(true);
  std::erase_if(tracks_, [](const auto& track) { return track.samples.empty(); });
  if (tracks_.empty()) return end;
  const std::uint64_t moov_at = position_;
  ByteWriter moov;
  write_moov(moov, tracks_, description_, false);
  const auto tables = moov.take();
  end.append.insert(end.append.end(), tables.begin(), tables.end());
  ByteWriter head;
  head.u32(1).text("mdat").u64(moov_at - free_at_);
  end.patches.push_back({free_at_, head.take()});
  return end;
}

}  // namespace rooms
