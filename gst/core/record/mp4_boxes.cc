// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/mp4_boxes.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace rooms {
namespace {

/// Between 1904, from which MP4 counts, and 1970.
constexpr std::uint64_t kSince1904 = 2'082'844'800;
/// Of Opus streams that begin with a sample that counts (RFC 7845 4.2): the encoder's delay is part
/// of the way, as in every call.
constexpr unsigned kOpusPreSkip = 0;

std::uint64_t to_movie(std::uint64_t time, std::uint32_t timescale) {
  return time * kMovieTimescale / timescale;
}

void write_matrix(ByteWriter& out) {
  for (const std::uint32_t value : {0x10000U, 0U, 0U, 0U, 0x10000U, 0U, 0U, 0U, 0x40000000U})
    out.u32(value);
}

void write_video_entry(ByteWriter& out, const StreamSetup& setup, std::string_view type,
                       std::string_view record_type, bool is_full_box) {
  out.box(type, [&] {
    out.zeros(6).u16(1);  // data_reference_index
    out.zeros(16).u16(setup.width).u16(setup.height);
    out.u32(0x00480000).u32(0x00480000).u32(0).u16(1);  // 72 dpi, one frame a sample
    out.zeros(32).u16(0x18).u16(0xFFFF);
    out.box(record_type, [&] {
      if (is_full_box) out.u8(1).u24(0);
      out.bytes(setup.record);
    });
  });
}

void write_opus_entry(ByteWriter& out, const StreamSetup& setup) {
  out.box("Opus", [&] {
    out.zeros(6).u16(1);
    out.zeros(8).u16(setup.channels).u16(16).u32(0).u32(std::uint64_t{48000} << 16);
    out.box("dOps",
            [&] { out.u8(0).u8(setup.channels).u16(kOpusPreSkip).u32(48000).u16(0).u8(0); });
  });
}

/// Of a descriptor that is shorter than 128 bytes (ISO/IEC 14496-1 8.3.3).
template <class Fill>
void write_descriptor(ByteWriter& out, unsigned tag, Fill&& fill) {
  out.u8(tag).u8(0);
  const std::size_t start = out.size();
  fill();
  *out.at(start - 1) = static_cast<std::uint8_t>(out.size() - start);
}

/// ISO/IEC 14496-14 5.6.
void write_aac_entry(ByteWriter& out, const StreamSetup& setup) {
  constexpr unsigned kEsDescriptor = 3;
  constexpr unsigned kDecoderConfig = 4;
  constexpr unsigned kDecoderSpecific = 5;
  constexpr unsigned kSyncLayerConfig = 6;
  out.box("mp4a", [&] {
    out.zeros(6).u16(1);
    out.zeros(8).u16(setup.channels).u16(16).u32(0).u32(std::uint64_t{setup.sample_rate} << 16);
    out.full_box("esds", 0, 0, [&] {
      write_descriptor(out, kEsDescriptor, [&] {
        out.u16(0).u8(0);  // in a file they have no id
        write_descriptor(out, kDecoderConfig, [&] {
          out.u8(0x40).u8(0x15);     // MPEG-4 audio, an audio stream
          out.u24(0).u32(0).u32(0);  // buffer, most and mean rate: not told
          write_descriptor(out, kDecoderSpecific, [&] { out.bytes(setup.record); });
        });
        write_descriptor(out, kSyncLayerConfig, [&] { out.u8(2); });
      });
    });
  });
}

void write_entry(ByteWriter& out, const StreamSetup& setup) {
  switch (setup.codec) {
    case Codec::kH264:
      return write_video_entry(out, setup, "avc1", "avcC", false);
    case Codec::kAv1:
      return write_video_entry(out, setup, "av01", "av1C", false);
    case Codec::kVp9:
      return write_video_entry(out, setup, "vp09", "vpcC", true);
    case Codec::kAac:
      return write_aac_entry(out, setup);
    default:
      return write_opus_entry(out, setup);
  }
}

template <class Same, class Write>
std::size_t write_runs(std::size_t count, Same&& same, Write&& write) {
  std::size_t runs = 0;
  for (std::size_t i = 0; i < count;) {
    std::size_t end = i + 1;
    while (end < count && same(i, end)) ++end;
    write(end - i, i);
    ++runs;
    i = end;
  }
  return runs;
}

void write_times(ByteWriter& out, const std::vector<Mp4Sample>& samples) {
  out.full_box("stts", 0, 0, [&] {
    const std::size_t count_at = out.size();
    out.u32(0);
    const auto runs = write_runs(
        samples.size(), [&](auto a, auto b) { return samples[a].duration == samples[b].duration; },
        [&](auto run, auto first) { out.u32(run).u32(samples[first].duration); });
    store_u32(out.at(count_at), static_cast<std::uint32_t>(runs));
  });
  if (std::none_of(samples.begin(), samples.end(), [](const auto& s) { return s.offset != 0; }))
    return;
  out.full_box("ctts", 1, 0, [&] {
    const std::size_t count_at = out.size();
    out.u32(0);
    const auto runs = write_runs(
        samples.size(), [&](auto a, auto b) { return samples[a].offset == samples[b].offset; },
        [&](auto run, auto first) {
          out.u32(run).u32(static_cast<std::uint32_t>(samples[first].offset));
        });
    store_u32(out.at(count_at), static_cast<std::uint32_t>(runs));
  });
}

void write_keyframes(ByteWriter& out, const std::vector<Mp4Sample>& samples) {
  out.full_box("stss", 0, 0, [&] {
    const std::size_t count_at = out.size();
    out.u32(0);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!samples[i].keyframe) continue;
      out.u32(i + 1);
      ++count;
    }
    store_u32(out.at(count_at), count);
  });
}

void write_places(ByteWriter& out, const Mp4Track& track) {
  const auto& chunks = track.chunks;
  out.full_box("stsc", 0, 0, [&] {
    const std::size_t count_at = out.size();
    out.u32(0);
    const auto runs = write_runs(
        chunks.size(), [&](auto a, auto b) { return chunks[a].samples == chunks[b].samples; },
        [&](auto, auto first) { out.u32(first + 1).u32(chunks[first].samples).u32(1); });
    store_u32(out.at(count_at), static_cast<std::uint32_t>(runs));
  });
  out.full_box("stsz", 0, 0, [&] {
    out.u32(0).u32(track.samples.size());
    for (const auto& sample : track.samples) out.u32(sample.size);
  });
  out.full_box("co64", 0, 0, [&] {
    out.u32(chunks.size());
    for (const auto& chunk : chunks) out.u64(chunk.at);
  });
}

void write_sample_table(ByteWriter& out, const Mp4Track& track, bool fragmented) {
  static const Mp4Track kNothing;
  const Mp4Track& told = fragmented ? kNothing : track;
  out.box("stbl", [&] {
    out.full_box("stsd", 0, 0, [&] {
      out.u32(1);
      write_entry(out, track.about.setup);
    });
    write_times(out, told.samples);
    if (!fragmented && track.about.setup.is_video()) write_keyframes(out, told.samples);
    write_places(out, told);
  });
}

void write_media(ByteWriter& out, const Mp4Track& track, std::uint64_t created, bool fragmented) {
  const bool video = track.about.setup.is_video();
  out.box("mdia", [&] {
    out.full_box("mdhd", 1, 0, [&] {
      out.u64(created).u64(created).u32(track.timescale);
      out.u64(fragmented ? 0 : track.duration()).u16(0x55C4).u16(0);  // "und"
    });
    out.full_box("hdlr", 0, 0, [&] {
      out.u32(0).text(video ? "vide" : "soun").zeros(12).text(track.about.name).u8(0);
    });
    out.box("minf", [&] {
      if (video) {
        out.full_box("vmhd", 0, 1, [&] { out.zeros(8); });
      } else {
        out.full_box("smhd", 0, 0, [&] { out.zeros(4); });
      }
      out.box("dinf", [&] {
        out.full_box("dref", 0, 0, [&] {
          out.u32(1);
          out.full_box("url ", 0, 1, [] {});  // in this file
        });
      });
      write_sample_table(out, track, fragmented);
    });
  });
}

void write_track(ByteWriter& out, const Mp4Track& track, unsigned number, std::uint64_t created,
                 bool fragmented) {
  const auto& setup = track.about.setup;
  const std::uint64_t length =
      fragmented ? 0 : to_movie(track.start + track.duration(), track.timescale);
  out.box("trak", [&] {
    out.full_box("tkhd", 1, 3, [&] {  // enabled, in the movie
      out.u64(created).u64(created).u32(number).u32(0).u64(length);
      out.zeros(8).u16(0).u16(0).u16(setup.is_video() ? 0 : 0x0100).u16(0);
      write_matrix(out);
      out.u32(std::uint64_t{setup.width} << 16).u32(std::uint64_t{setup.height} << 16);
    });
    if (!fragmented && track.start > 0) {
      // Tables begin at zero: what begins later is told by an edit without media.
      out.box("edts", [&] {
        out.full_box("elst", 1, 0, [&] {
          out.u32(2);
          out.u64(to_movie(track.start, track.timescale)).u64(~std::uint64_t{0}).u32(0x10000);
          out.u64(to_movie(track.duration(), track.timescale)).u64(0).u32(0x10000);
        });
      });
    }
    write_media(out, track, created, fragmented);
  });
}

}  // namespace

std::uint64_t Mp4Track::duration() const {
  std::uint64_t sum = 0;
  for (const auto& sample : samples) sum += sample.duration;
  return sum;
}

void write_moov(ByteWriter& out, const std::vector<Mp4Track>& tracks,
                const FileDescription& description, bool fragmented) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(description.wall_clock);
  const std::uint64_t created = static_cast<std::uint64_t>(seconds.count()) + kSince1904;
  std::uint64_t length = 0;
  if (!fragmented)
    for (const auto& track : tracks)
      length = std::max(length, to_movie(track.start + track.duration(), track.timescale));
  out.box("moov", [&] {
    out.full_box("mvhd", 1, 0, [&] {
      out.u64(created).u64(created).u32(kMovieTimescale).u64(length);
      out.u32(0x10000).u16(0x0100).zeros(10);
      write_matrix(out);
      out.zeros(24).u32(tracks.size() + 1);
    });
    unsigned number = 0;
    for (const auto& track : tracks) write_track(out, track, ++number, created, fragmented);
    if (!fragmented) return;
    out.box("mvex", [&] {
      for (std::size_t i = 1; i <= tracks.size(); ++i)
        out.full_box("trex", 0, 0, [&] { out.u32(i).u32(1).u32(0).u32(0).u32(0); });
    });
  });
}

}  // namespace rooms
