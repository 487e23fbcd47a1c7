// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/matroska_writer.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace rooms {
namespace {

/// Elements of EBML and Matroska (RFC 8794, RFC 9559 5).
enum Id : std::uint32_t {
  kEbml = 0x1A45DFA3,
  kDocType = 0x4282,
  kDocTypeVersion = 0x4287,
  kDocTypeReadVersion = 0x4285,
  kSegment = 0x18538067,
  kSeekHead = 0x114D9B74,
  kSeek = 0x4DBB,
  kSeekId = 0x53AB,
  kSeekPosition = 0x53AC,
  kVoid = 0xEC,
  kInfo = 0x1549A966,
  kTimestampScale = 0x2AD7B1,
  kDuration = 0x4489,
  kDateUtc = 0x4461,
  kTitle = 0x7BA9,
  kMuxingApp = 0x4D80,
  kWritingApp = 0x5741,
  kTracks = 0x1654AE6B,
  kTrackEntry = 0xAE,
  kTrackNumber = 0xD7,
  kTrackUid = 0x73C5,
  kTrackType = 0x83,
  kFlagLacing = 0x9C,
  kName = 0x536E,
  kLanguage = 0x22B59C,
  kCodecId = 0x86,
  kCodecPrivate = 0x63A2,
  kSeekPreRoll = 0x56BB,
  kVideo = 0xE0,
  kPixelWidth = 0xB0,
  kPixelHeight = 0xBA,
  kAudio = 0xE1,
  kSamplingFrequency = 0xB5,
  kChannels = 0x9F,
  kBitDepth = 0x6264,
  kCluster = 0x1F43B675,
  kTimestamp = 0xE7,
  kSimpleBlock = 0xA3,
  kCues = 0x1C53BB6B,
  kCuePoint = 0xBB,
  kCueTime = 0xB3,
  kCueTrackPositions = 0xB7,
  kCueTrack = 0xF7,
  kCueClusterPosition = 0xF1,
};
constexpr std::size_t kSeekSpace = 128;
constexpr std::size_t kDurationSize = 11;  // id, size, eight bytes
/// Blocks tell their time against the cluster's in 16 bits.
constexpr std::int64_t kLongestCluster = 30'000;
/// Without a picture there is a place to seek to this often.
constexpr std::int64_t kCueInterval = 1000;
/// Matroska counts from 2001.
constexpr std::int64_t kSince2001 = 978'307'200;
constexpr std::uint64_t kOpusPreRoll = 80'000'000;

std::string_view codec_id(Codec codec) {
  switch (codec) {
    case Codec::kVp8:
      return "V_VP8";
    case Codec::kVp9:
      return "V_VP9";
    case Codec::kAv1:
      return "V_AV1";
    case Codec::kH264:
      return "V_MPEG4/ISO/AVC";
    case Codec::kOpus:
      return "A_OPUS";
    case Codec::kAac:
      return "A_AAC";
    default:
      return "A_MS/ACM";
  }
}

void write_le(ByteWriter& out, std::uint32_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) out.u8((value >> (8 * i)) & 0xFF);
}

/// RFC 7845 5.1.
std::vector<std::uint8_t> opus_head(const StreamSetup& setup) {
  ByteWriter out;
  out.text("OpusHead").u8(1).u8(setup.channels);
  write_le(out, 0, 2);
  write_le(out, 48000, 4);
  write_le(out, 0, 2);
  out.u8(0);
  return out.take();
}

/// WAVEFORMATEX of the codecs of telephony, all of which take 64 kbit/s.
std::vector<std::uint8_t> wave_format(const StreamSetup& setup) {
  const unsigned tag =
      setup.codec == Codec::kPcmu ? 0x0007 : (setup.codec == Codec::kPcma ? 0x0006 : 0x028F);
  ByteWriter out;
  write_le(out, tag, 2);
  write_le(out, setup.channels, 2);
  write_le(out, setup.sample_rate, 4);
  write_le(out, 8000, 4);
  write_le(out, 1, 2);
  write_le(out, setup.codec == Codec::kG722 ? 4 : 8, 2);
  write_le(out, 0, 2);
  return out.take();
}

std::vector<std::uint8_t> codec_private(const StreamSetup& setup) {
  switch (setup.codec) {
    case Codec::kH264:
    case Codec::kAv1:
    case Codec::kAac:
      return setup.record;
    case Codec::kVp8:
    case Codec::kVp9:
      return {};
    case Codec::kOpus:
      return opus_head(setup);
    default:
      return wave_format(setup);
  }
}

void write_double(ByteWriter& out, std::uint32_t name, double value) {
  out.id(name).size_of(8).u64(std::bit_cast<std::uint64_t>(value));
}

void write_seek(ByteWriter& out, std::uint32_t what, std::uint64_t position) {
  out.element(kSeek, [&] {
    out.id(kSeekId).size_of(4).u32(what);
    out.id(kSeekPosition).size_of(8).u64(position);
  });
}

/// So many bytes in all.
void write_void(ByteWriter& out, std::size_t size) {
  out.id(kVoid).size_of(size - 2).zeros(size - 2);
}

}  // namespace

MatroskaWriter::MatroskaWriter(bool webm, std::vector<ContainerTrack> tracks,
                               FileDescription description)
    : webm_(webm), description_(std::move(description)), tracks_(std::move(tracks)) {
  const auto picture = std::find_if(tracks_.begin(), tracks_.end(),
                                    [](const auto& track) { return track.setup.is_video(); });
  cue_track_ = picture != tracks_.end() ? static_cast<std::size_t>(picture - tracks_.begin()) : 0;
}

std::vector<std::uint8_t> MatroskaWriter::begin() {
  ByteWriter out;
  out.element(kEbml, [&] {
    out.element(kDocType, as_bytes(webm_ ? "webm" : "matroska"));
    out.element_number(kDocTypeVersion, 4).element_number(kDocTypeReadVersion, 2);
  });
  out.id(kSegment).u64(0x01FFFFFFFFFFFFFF);  // not known yet
  segment_at_ = out.size();
  seek_at_ = out.size();
  write_void(out, kSeekSpace);
  info_at_ = out.size();
  out.element(kInfo, [&] {
    out.element_number(kTimestampScale, 1'000'000);
    duration_at_ = out.size();
    write_void(out, kDurationSize);
    const auto seconds = Duration(std::chrono::seconds(kSince2001));
    out.id(kDateUtc).size_of(8).u64(
        static_cast<std::uint64_t>((description_.wall_clock - seconds).count()));
    if (!description_.title.empty()) out.element(kTitle, as_bytes(description_.title));
    out.element(kMuxingApp, as_bytes("gst-rooms")).element(kWritingApp, as_bytes("gst-rooms"));
  });
  tracks_at_ = out.size();
  out.element(kTracks, [&] {
    for (std::size_t i = 0; i < tracks_.size(); ++i) write_track(out, i);
  });
  position_ = out.size();
  return out.take();
}

void MatroskaWriter::write_track(ByteWriter& out, std::size_t number) const {
  const auto& setup = tracks_[number].setup;  // no structured binding: clang 14 captures none
  const auto& name = tracks_[number].name;
  out.element(kTrackEntry, [&] {
    out.element_number(kTrackNumber, number + 1).element_number(kTrackUid, number + 1);
    out.element_number(kTrackType, setup.is_video() ? 1 : 2).element_number(kFlagLacing, 0);
    if (!name.empty()) out.element(kName, as_bytes(name));
    out.element(kLanguage, as_bytes("und")).element(kCodecId, as_bytes(codec_id(setup.codec)));
    if (const auto told = codec_private(setup); !told.empty()) out.element(kCodecPrivate, told);
    if (setup.codec == Codec::kOpus) out.element_number(kSeekPreRoll, kOpusPreRoll);
    if (setup.is_video()) {
      out.element(kVideo, [&] {
        out.element_number(kPixelWidth, setup.width).element_number(kPixelHeight, setup.height);
      });
    } else {
      out.element(kAudio, [&] {
        write_double(out, kSamplingFrequency, setup.sample_rate);
        out.element_number(kChannels, setup.channels);
        const bool samples = setup.codec != Codec::kOpus && setup.codec != Codec::kAac;
        if (samples) out.element_number(kBitDepth, 16);
      });
    }
  });
}

void MatroskaWriter::add(std::size_t track, EncodedFrame frame, Duration time) {
  const auto ms = (std::max(time, Duration::zero()) + std::chrono::microseconds(500)) /
                  std::chrono::milliseconds(1);
  length_ = std::max(length_, ms + 1);
  blocks_.push_back({track, ms, frame.keyframe, std::move(frame.data)});
}

void MatroskaWriter::write_clusters(ByteWriter& out) {
  for (std::size_t first = 0; first < blocks_.size();) {
    // A cluster begins with each keyframe of the picture, so that seeking finds it.
    std::size_t end = first + 1;
    const auto fits = [&](const Block& block) {
      const bool begins =
          block.track == *cue_track_ && block.keyframe && tracks_[block.track].setup.is_video();
      const auto distance = block.time - blocks_[first].time;
      return !begins && distance < kLongestCluster && distance > -kLongestCluster;
    };
    while (end < blocks_.size() && fits(blocks_[end])) ++end;
    const auto& head = blocks_[first];
    const bool is_cue = head.track == *cue_track_ && head.keyframe &&
                        (tracks_[head.track].setup.is_video() || last_cue_ < 0 ||
                         head.time - last_cue_ >= kCueInterval);
    if (is_cue) {
      cues_.push_back({head.time, head.track, position_ + out.size() - segment_at_});
      last_cue_ = head.time;
    }
    out.element(kCluster, [&] {
      out.element_number(kTimestamp, static_cast<std::uint64_t>(head.time));
      for (; first < end; ++first) {
        const auto& block = blocks_[first];
        out.id(kSimpleBlock).size_of(block.data.size() + 4);
        out.u8(static_cast<unsigned>(0x80 | (block.track + 1)));
        out.u16(static_cast<std::uint16_t>(block.time - head.time));
        out.u8(block.keyframe ? 0x80 : 0).bytes(block.data);
      }
    });
  }
  blocks_.clear();
}

std::vector<std::uint8_t> MatroskaWriter::flush() {
  ByteWriter out;
  write_clusters(out);
  position_ += out.size();
  return out.take();
}

std::vector<std::uint8_t> MatroskaWriter::seek_head() const {
  ByteWriter out;
  out.element(kSeekHead, [&] {
    write_seek(out, kInfo, info_at_ - segment_at_);
    write_seek(out, kTracks, tracks_at_ - segment_at_);
    if (!cues_.empty()) write_seek(out, kCues, cues_at_ - segment_at_);
  });
  write_void(out, kSeekSpace - out.size());
  return out.take();
}

FileEnd MatroskaWriter::finish() {
  FileEnd end;
  end.append = flush();
  cues_at_ = position_;
  if (!cues_.empty()) {
    ByteWriter out;
    out.element(kCues, [&] {
      for (const auto& cue : cues_) {
        out.element(kCuePoint, [&] {
          out.element_number(kCueTime, static_cast<std::uint64_t>(cue.time));
          out.element(kCueTrackPositions, [&] {
            out.element_number(kCueTrack, cue.track + 1);
            out.element_number(kCueClusterPosition, cue.cluster);
          });
        });
      }
    });
    position_ += out.size();
    const auto index = out.take();
    end.append.insert(end.append.end(), index.begin(), index.end());
  }
  ByteWriter duration;
  write_double(duration, kDuration, static_cast<double>(length_));
  end.patches.push_back({duration_at_, duration.take()});
  end.patches.push_back({seek_at_, seek_head()});
  ByteWriter size;
  size.u64((std::uint64_t{1} << 56) | (position_ - segment_at_));
  end.patches.push_back({segment_at_ - 8, size.take()});
  return end;
}

}  // namespace rooms
