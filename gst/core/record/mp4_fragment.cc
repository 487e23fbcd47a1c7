// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/mp4_fragment.h"

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

/// ISO/IEC 14496-12 8.8.3.1: depends on nothing, or on others and is no place to begin.
constexpr std::uint32_t kSyncSample = 0x02000000;
constexpr std::uint32_t kOtherSample = 0x01010000;

}  // namespace

std::uint32_t mp4_timescale(const StreamSetup& setup) {
  return setup.is_video() ? 90000 : setup.sample_rate;
}

std::uint64_t to_ticks(Duration time, std::uint32_t timescale) {
  const auto ns = static_cast<std::uint64_t>(std::max(time, Duration::zero()).count());
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return ns / kSecond * timescale + (ns % kSecond * timescale + kSecond / 2) / kSecond;
}

void PendingSamples::add(EncodedFrame frame, Duration time) {
  const std::uint64_t shown = to_ticks(time, timescale_);
  Pending next;
  next.decoded = shown;
  if (!pending_.empty()) {
    auto& last = pending_.back();
    next.decoded = std::max(shown, last.decoded + 1);
    last.sample.duration = static_cast<std::uint32_t>(next.decoded - last.decoded);
  }
  next.sample.offset = static_cast<std::int32_t>(static_cast<std::int64_t>(shown) -
                                                 static_cast<std::int64_t>(next.decoded));
  next.sample.size = static_cast<std::uint32_t>(frame.data.size());
  next.sample.keyframe = frame.keyframe;
  next.data = std::move(frame.data);
  pending_.push_back(std::move(next));
}

void PendingSamples::end_last(Duration time) {
  auto& last = pending_.back();
  const std::uint64_t end = std::max(to_ticks(time, timescale_), last.decoded + 1);
  last.sample.duration = static_cast<std::uint32_t>(end - last.decoded);
}

Mp4Run PendingSamples::take(std::size_t track, std::size_t count) {
  Mp4Run run{track, pending_.front().decoded, {}, {}};
  for (; count > 0; --count) {
    run.samples.push_back(pending_.front().sample);
    run.data.push_back(std::move(pending_.front().data));
    pending_.pop_front();
  }
  return run;
}

std::vector<std::size_t> write_fragment(ByteWriter& out, std::uint32_t sequence_number,
                                        const std::vector<Mp4Run>& runs) {
  std::vector<std::size_t> offset_at;
  const std::size_t moof_at = out.size();
  out.box("moof", [&] {
    out.full_box("mfhd", 0, 0, [&] { out.u32(sequence_number); });
    for (const auto& run : runs) {
      out.box("traf", [&] {
        out.full_box("tfhd", 0, 0x020000, [&] { out.u32(run.track + 1); });  // offsets from moof
        out.full_box("tfdt", 1, 0, [&] { out.u64(run.decoded); });
        // data offset; duration, size, flags, composition offset of each
        out.full_box("trun", 1, 0x000F01, [&] {
          out.u32(run.samples.size());
          offset_at.push_back(out.size());
          out.u32(0);
          for (const auto& sample : run.samples) {
            out.u32(sample.duration).u32(sample.size);
            out.u32(sample.keyframe ? kSyncSample : kOtherSample);
            out.u32(static_cast<std::uint32_t>(sample.offset));
          }
        });
      });
    }
  });
  std::vector<std::size_t> data_at;
  out.box("mdat", [&] {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      store_u32(out.at(offset_at[i]), static_cast<std::uint32_t>(out.size() - moof_at));
      data_at.push_back(out.size());
      for (const auto& data : runs[i].data) out.bytes(data);
    }
  });
  return data_at;
}

}  // namespace rooms
