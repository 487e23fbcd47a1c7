// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/media_playlist.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "gst/core/record/recording_names.h"

namespace rooms {
namespace {

/// What is shown of a bit rate that is only known so far.
constexpr std::uint64_t kHeadroomPercent = 125;

std::string seconds(Duration duration, int digits = 5) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits,
                std::chrono::duration<double>(duration).count());
  return text.data();
}

void write_head(std::string& out, const SegmentWindow& window) {
  const auto& config = window.config();
  const Duration target = config.target_duration;
  out += "#EXTM3U\n#EXT-X-VERSION:" + std::string(window.has_parts() ? "9" : "6") + "\n";
  out += "#EXT-X-TARGETDURATION:" + std::to_string(config.target_duration.count()) + "\n";
  if (window.has_parts()) {
    // 4.4.3.8: at least three times the target of either.
    out +=
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=" + seconds(3 * config.part, 3) +
        ",HOLD-BACK=" + seconds(3 * target, 3) + "\n";
    out += "#EXT-X-PART-INF:PART-TARGET=" + seconds(config.part, 3) + "\n";
  }
  out += "#EXT-X-MEDIA-SEQUENCE:" + std::to_string(window.media_sequence()) + "\n";
  out += "#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(window.discontinuity_sequence()) + "\n";
  const auto& segments = window.segments();
  const bool open_is = !window.open() || window.open()->parts.empty() || window.open()->independent;
  if (open_is && std::all_of(segments.begin(), segments.end(),
                             [](const auto& segment) { return segment.independent; }))
    out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
}

void write_parts(std::string& out, const HlsSegment& segment, const HlsNames& names) {
  for (std::size_t i = 0; i < segment.parts.size(); ++i) {
    const auto& part = segment.parts[i];
    out += "#EXT-X-PART:DURATION=" + seconds(part.duration) + ",URI=\"" +
           names.part(segment.number, i) + "\"" + (part.independent ? ",INDEPENDENT=YES" : "") +
           "\n";
  }
}

class SegmentLines {
 public:
  SegmentLines(std::string& out, const HlsNames& names) : out_(out), names_(names) {}

  void write_begin(const HlsSegment& segment) {
    if (segment.discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
    if (init_ != segment.init) out_ += "#EXT-X-MAP:URI=\"" + names_.init(segment.init) + "\"\n";
    init_ = segment.init;
    out_ += "#EXT-X-PROGRAM-DATE-TIME:" + iso_time(segment.wall_clock) + "\n";
  }

 private:
  std::string& out_;
  const HlsNames& names_;
  std::optional<unsigned> init_;
};

std::uint64_t with_headroom(std::uint64_t bitrate) { return bitrate * kHeadroomPercent / 100; }

std::string hex_byte(unsigned value) {
  std::array<char, 4> text{};
  std::snprintf(text.data(), text.size(), "%02X", value & 0xFFU);
  return text.data();
}

}  // namespace

std::optional<HlsRenditionReport> report_of(const SegmentWindow& window, const HlsNames& names) {
  HlsRenditionReport report{names.playlist(), 0, std::nullopt};
  if (window.has_parts() && window.open() && !window.open()->parts.empty()) {
    report.last_segment = window.open()->number;
    report.last_part = window.open()->parts.size() - 1;
    return report;
  }
  if (window.segments().empty()) return std::nullopt;
  const auto& last = window.segments().back();
  report.last_segment = last.number;
  if (window.has_parts()) report.last_part = last.parts.size() - 1;
  return report;
}

std::string media_playlist(const SegmentWindow& window, const HlsNames& names,
                           std::span<const HlsRenditionReport> others) {
  std::string out;
  write_head(out, window);
  // 4.4.4.9: parts are listed for three target durations.
  Duration from_end = window.open() ? window.open()->duration : Duration::zero();
  std::size_t with_parts = 0;
  for (auto at = window.segments().rbegin(); at != window.segments().rend(); ++at) {
    if (!window.has_parts() || from_end > 3 * window.config().target_duration) break;
    from_end += at->duration;
    ++with_parts;
  }
  SegmentLines lines(out, names);
  std::size_t left = window.segments().size();
  for (const auto& segment : window.segments()) {
    lines.write_begin(segment);
    if (left-- <= with_parts) write_parts(out, segment, names);
    out += "#EXTINF:" + seconds(segment.duration) + ",\n" + names.segment(segment.number) + "\n";
  }
  if (!window.has_parts() || !window.open()) return out;
  const auto& open = *window.open();
  lines.write_begin(open);
  write_parts(out, open, names);
  out +=
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + names.part(open.number, open.parts.size()) + "\"\n";
  for (const auto& other : others) {
    out += "#EXT-X-RENDITION-REPORT:URI=\"" + other.playlist +
           "\",LAST-MSN=" + std::to_string(other.last_segment);
    if (other.last_part) out += ",LAST-PART=" + std::to_string(*other.last_part);
    out += "\n";
  }
  return out;
}

std::string codecs_parameter(const StreamSetup& setup) {
  switch (setup.codec) {
    case Codec::kH264:
      if (setup.record.size() < 4) return "";
      return "avc1." + hex_byte(setup.record[1]) + hex_byte(setup.record[2]) +
             hex_byte(setup.record[3]);
    case Codec::kOpus:
      return "Opus";
    case Codec::kAac:
      return "mp4a.40.2";
    default:
      return "";
  }
}

std::string multivariant_playlist(std::span<const HlsVariant> pictures,
                                  const std::optional<HlsVariant>& sound) {
  std::string out = "#EXTM3U\n#EXT-X-VERSION:6\n";
  const auto write = [&](const HlsVariant& variant, const HlsVariant* with) {
    const auto peak = variant.peak_bitrate + (with ? with->peak_bitrate : 0);
    const auto average = variant.average_bitrate + (with ? with->average_bitrate : 0);
    out += "#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(with_headroom(peak)) +
           ",AVERAGE-BANDWIDTH=" + std::to_string(average) + ",CODECS=\"" +
           codecs_parameter(variant.setup) +
           (with ? "," + codecs_parameter(with->setup) : std::string()) + "\"";
    if (variant.setup.is_video())
      out += ",RESOLUTION=" + std::to_string(variant.setup.width) + "x" +
             std::to_string(variant.setup.height);
    if (with) out += ",AUDIO=\"sound\"";
    out += "\n" + variant.playlist + "\n";
  };
  if (sound && !pictures.empty()) {
    out +=
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Room\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"" +
        std::to_string(sound->setup.channels) + "\",URI=\"" + sound->playlist + "\"\n";
  }
  for (const auto& picture : pictures) write(picture, sound ? &*sound : nullptr);
  if (sound && pictures.empty()) write(*sound, nullptr);
  return out;
}

}  // namespace rooms
