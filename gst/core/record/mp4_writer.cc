// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/mp4_writer.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kLargeMdatHead = 16;
/// ISO/IEC 14496-12 8.8.3.1: depends on nothing, or on others and is no place to begin.
constexpr std::uint32_t kSyncSample = 0x02000000;
constexpr std::uint32_t kOtherSample = 0x01010000;

std::uint32_t timescale_of(const StreamSetup& setup) {
  return setup.is_video() ? 90000 : setup.sample_rate;
}

std::uint64_t to_ticks(Duration time, std::uint32_t timescale) {
  const auto ns = static_cast<std::uint64_t>(std::max(time, Duration::zero()).count());
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return ns / kSecond * timescale + (ns % kSecond * timescale + kSecond / 2) / kSecond;
}

}  // namespace

Mp4Writer::Mp4Writer(std::vector<ContainerTrack> tracks, FileDescription description)
    : description_(std::move(description)), pending_(tracks.size()) {
  for (auto& about : tracks) {
    Mp4Track track;
    track.timescale = timescale_of(about.setup);
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
  auto& track = tracks_[number];
  auto& pending = pending_[number];
  const std::uint64_t shown = to_ticks(time, track.timescale);
  Pending next;
  next.decoded = shown;
  if (!pending.empty()) {
    // Frames come in the order in which they are decoded: of one that is shown earlier than the one
    // before (B-frames), decoding goes on and presentation goes back.
    auto& last = pending.back();
    next.decoded = std::max(shown, last.decoded + 1);
    last.sample.duration = static_cast<std::uint32_t>(next.decoded - last.decoded);
  }
  next.sample.offset = static_cast<std::int32_t>(static_cast<std::int64_t>(shown) -
                                                 static_cast<std::int64_t>(next.decoded));
  next.sample.size = static_cast<std::uint32_t>(frame.data.size());
  next.sample.keyframe = frame.keyframe;
  next.data = std::move(frame.data);
  pending.push_back(std::move(next));
}

std::vector<std::uint8_t> Mp4Writer::flush() { return write_fragment(false); }

std::vector<std::uint8_t> Mp4Writer::write_fragment(bool to_the_last) {
  // Of each track all but the last one, whose duration is not known.
  std::vector<std::size_t> counts;
  for (const auto& pending : pending_)
    counts.push_back(pending.empty() ? 0 : pending.size() - (to_the_last ? 0 : 1));
  if (std::all_of(counts.begin(), counts.end(), [](auto count) { return count == 0; })) return {};

  ByteWriter out;
  std::vector<std::size_t> data_offset_at;
  out.box("moof", [&] {
    out.full_box("mfhd", 0, 0, [&] { out.u32(++fragments_); });
    for (std::size_t t = 0; t < tracks_.size(); ++t) {
      if (counts[t] == 0) continue;
      out.box("traf", [&] {
        out.full_box("tfhd", 0, 0x020000, [&] { out.u32(t + 1); });  // offsets from the moof
        out.full_box("tfdt", 1, 0, [&] { out.u64(pending_[t].front().decoded); });
        // data offset; duration, size, flags, composition offset of each
        out.full_box("trun", 1, 0x000F01, [&] {
          out.u32(counts[t]);
          data_offset_at.push_back(out.size());
          out.u32(0);
          for (std::size_t i = 0; i < counts[t]; ++i) {
            const auto& sample = pending_[t][i].sample;
            out.u32(sample.duration).u32(sample.size);
            out.u32(sample.keyframe ? kSyncSample : kOtherSample);
            out.u32(static_cast<std::uint32_t>(sample.offset));
          }
        });
      });
    }
  });
  out.box("mdat", [&] {
    auto offset_at = data_offset_at.begin();
    for (std::size_t t = 0; t < tracks_.size(); ++t) {
      if (counts[t] == 0) continue;
      auto& track = tracks_[t];
      store_u32(out.at(*offset_at++), static_cast<std::uint32_t>(out.size()));
      if (track.samples.empty()) track.start = pending_[t].front().decoded;
      track.chunks.push_back({position_ + out.size(), static_cast<std::uint32_t>(counts[t])});
      for (; counts[t] > 0; --counts[t]) {
        auto& first = pending_[t].front();
        out.bytes(first.data);
        track.samples.push_back(first.sample);
        pending_[t].pop_front();
      }
    }
  });
  position_ += out.size();
  return out.take();
}

FileEnd Mp4Writer::finish() {
  for (std::size_t t = 0; t < tracks_.size(); ++t) {
    if (pending_[t].empty()) continue;
    // As long as the one before.
    const auto& pending = pending_[t];
    const auto& samples = tracks_[t].samples;
    std::uint32_t duration = tracks_[t].timescale / 50;
    if (pending.size() > 1) {
      duration = pending[pending.size() - 2].sample.duration;
    } else if (!samples.empty()) {
      duration = samples.back().duration;
    }
    // Not that of a pause.
    pending_[t].back().sample.duration = std::min(duration, tracks_[t].timescale / 5);
  }
  FileEnd end;
  end.append = write_fragment(true);
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
