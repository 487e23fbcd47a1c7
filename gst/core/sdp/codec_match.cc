// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/codec_match.h"

#include <algorithm>
#include <array>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

struct H264Config {
  H264Profile profile;
  std::uint8_t packetization_mode;
};

H264Config h264_config(std::string_view fmtp) {
  const auto mode = fmtp_value(fmtp, "packetization-mode").value_or("0");
  return {h264_profile(fmtp_value(fmtp, "profile-level-id").value_or("42000a")),
          to_number<std::uint8_t>(mode).value_or(255)};
}

/// Profiles are in order of what they may contain, so distance is how far apart they are.
RowMatch h264_row(std::string_view fmtp) {
  const auto wanted = h264_config(fmtp);
  RowMatch best;
  int best_distance = 0;
  for (const auto& row : codec_profiles()) {
    if (row.codec != Codec::kH264) continue;
    const auto config = h264_config(row.fmtp);
    if (config.packetization_mode != wanted.packetization_mode) continue;
    const int distance =
        std::abs(static_cast<int>(config.profile) - static_cast<int>(wanted.profile));
    if (best.row && distance >= best_distance) continue;
    best = {&row, distance == 0};
    best_distance = distance;
  }
  return best;
}

/// Other codecs: profiles that are no subset of one another, and other values than the row's are
/// other codecs.
bool same_profile(const CodecProfile& row, std::string_view fmtp) {
  std::string_view key;
  if (row.codec == Codec::kVp9) key = "profile-id";
  if (row.codec == Codec::kAv1) key = "profile";
  return key.empty() ||
         fmtp_value(fmtp, key).value_or("0") == fmtp_value(row.fmtp, key).value_or("0");
}

bool same_channels(const CodecProfile& row, const SdpFormat& format) {
  if (row.kind != MediaKind::kAudio) return true;
  // RFC 7587 7: Opus is always written with two. webrtcbin leaves it out while its caps are not
  // known yet, and means the same.
  if (row.codec == Codec::kOpus && format.channels == 0) return true;
  return std::max<int>(format.channels, 1) == row.channels;
}

/// RFC 5761 4: with the marker bit, these are RTCP packet types on a multiplexed port.
constexpr bool looks_like_rtcp_type(std::uint8_t payload_type) {
  return payload_type >= 64 && payload_type <= 95;
}

/// How well a decoder that announced `announced` copes with streams of `row`; 0: not at all. A mode
/// 1 receiver takes mode 0 packets, and each profile contains those before it. What is beyond the
/// announced profile comes last: decoders in browsers announce the profiles of their *encoder*, and
/// decode up to High.
int h264_fit(const CodecProfile& row, const H264Config& announced) {
  const auto stream = h264_config(row.fmtp);
  if (stream.packetization_mode > announced.packetization_mode) return 0;
  const bool same_mode = stream.packetization_mode == announced.packetization_mode;
  const int mode_bonus = same_mode ? 1 : 0;
  if (stream.profile == announced.profile) return 4 + mode_bonus;
  return (stream.profile < announced.profile ? 2 : 0) + 1 + mode_bonus;
}

/// A format with what it stands for, so that the table below is not read again for each row.
struct Announced {
  const SdpFormat* format;
  const CodecProfile* row;
  H264Config config;
};

std::vector<Announced> announced_by(const SdpMedia& media) {
  std::vector<Announced> all;
  for (const auto& format : media.formats) {
    const auto match = row_of(media.kind, format);
    if (match.row) all.push_back({&format, match.row, h264_config(format.fmtp)});
  }
  return all;
}

const SdpFormat* best_format(const std::vector<Announced>& all, const CodecProfile& row) {
  const SdpFormat* best = nullptr;
  int best_fit = 0;
  for (const auto& one : all) {
    if (one.row->codec != row.codec) continue;
    const int fit =
        row.codec == Codec::kH264 ? h264_fit(row, one.config) : static_cast<int>(one.row == &row);
    if (fit <= best_fit) continue;
    best = one.format;
    best_fit = fit;
  }
  return best;
}

std::string joined_keys(std::string_view fmtp, std::span<const std::string_view> keys) {
  std::string text;
  for (const auto key : keys) {
    const auto value = fmtp_value(fmtp, key);
    if (!value) continue;
    if (!text.empty()) text += ';';
    text.append(key).append("=").append(*value);
  }
  return text;
}

}  // namespace

std::optional<std::string_view> fmtp_value(std::string_view fmtp, std::string_view key) {
  while (!fmtp.empty()) {
    auto value = trimmed(take_until(fmtp, ';'));
    const auto name = trimmed(take_until(value, '='));
    if (equal_ignoring_case(name, key)) return trimmed(value);
  }
  return std::nullopt;
}

H264Profile h264_profile(std::string_view profile_level_id) {
  const auto number = to_number<std::uint32_t>(profile_level_id, 16);
  if (!number || profile_level_id.size() != 6) return H264Profile::kBaseline;
  const auto idc = *number >> 16;
  const bool set0 = (*number & 0x8000) != 0;
  const bool set1 = (*number & 0x4000) != 0;
  // RFC 6184 8.1, table 5: one profile has several spellings.
  switch (idc) {
    case 0x42:
      return set1 ? H264Profile::kConstrainedBaseline : H264Profile::kBaseline;
    case 0x4D:
      return set0 ? H264Profile::kConstrainedBaseline : H264Profile::kMain;
    case 0x58:
      if (set1) return set0 ? H264Profile::kConstrainedBaseline : H264Profile::kMain;
      return H264Profile::kBaseline;
    default:
      return idc > 0x58 ? H264Profile::kHigh : H264Profile::kBaseline;
  }
}

RowMatch row_of(MediaKind kind, const SdpFormat& format) {
  const auto codec = codec_named(format.name);
  if (codec == Codec::kUnknown || looks_like_rtcp_type(format.payload_type)) return {};
  if (codec == Codec::kH264) {
    const bool fits = kind == MediaKind::kVideo && format.clock_rate == 90000;
    return fits ? h264_row(format.fmtp) : RowMatch{};
  }
  for (const auto& row : codec_profiles()) {
    if (row.codec == codec && row.kind == kind && row.clock_rate == format.clock_rate &&
        same_channels(row, format) && same_profile(row, format.fmtp))
      return {&row, true};
  }
  return {};
}

const SdpFormat* rtx_of(const SdpMedia& media, std::uint8_t payload_type) {
  for (const auto& format : media.formats) {
    if (!equal_ignoring_case(format.name, "rtx") || looks_like_rtcp_type(format.payload_type))
      continue;
    const auto apt = fmtp_value(format.fmtp, "apt");
    if (apt && to_number<std::uint8_t>(*apt) == payload_type) return &format;
  }
  return nullptr;
}

bool red_carries(const SdpFormat& red, std::uint8_t opus) {
  // Nothing written: RFC 2198 leaves it to the session, which has one codec here.
  const auto types = split(trimmed(red.fmtp), '/');
  return trimmed(red.fmtp).empty() || std::all_of(types.begin(), types.end(), [&](auto type) {
           return to_number<std::uint8_t>(trimmed(type)) == opus;
         });
}

std::vector<PayloadMapping> mappings_of(const SdpMedia& media) {
  const auto all = announced_by(media);
  std::vector<PayloadMapping> mappings;
  const SdpFormat* opus = nullptr;
  for (const auto& row : codec_profiles()) {
    if (row.kind != media.kind) continue;
    const auto* format = best_format(all, row);
    if (!format) continue;
    if (row.codec == Codec::kOpus) opus = format;
    if (row.codec == Codec::kRed && (!opus || !red_carries(*format, opus->payload_type))) continue;
    mappings.push_back({format->payload_type, row.payload_type});
    const auto* rtx = row.rtx_payload_type != 0 ? rtx_of(media, format->payload_type) : nullptr;
    if (rtx) mappings.push_back({rtx->payload_type, row.rtx_payload_type});
  }
  return mappings;
}

std::string answered_fmtp(const CodecProfile& row, const SdpFormat& offered) {
  constexpr std::array<std::string_view, 3> kOpusKeys = {"stereo", "sprop-stereo", "usedtx"};
  constexpr std::array<std::string_view, 3> kH264Keys = {"level-asymmetry-allowed",
                                                         "packetization-mode", "profile-level-id"};
  constexpr std::array<std::string_view, 3> kAv1Keys = {"level-idx", "profile", "tier"};
  switch (row.codec) {
    case Codec::kOpus: {
      // Without these echoes a browser encodes mono and never goes silent, whatever its page asked
      // for.
      auto wishes = joined_keys(offered.fmtp, kOpusKeys);
      const bool announced = fmtp_value(offered.fmtp, "sprop-stereo") == "1";
      if (announced && !fmtp_value(offered.fmtp, "stereo")) wishes = "stereo=1;" + wishes;
      return std::string(row.fmtp) + (wishes.empty() ? "" : ";" + wishes);
    }
    case Codec::kRed:
      return offered.fmtp;
    case Codec::kH264:
      return joined_keys(offered.fmtp, kH264Keys);
    case Codec::kAv1:
      return joined_keys(offered.fmtp, kAv1Keys);
    default:
      return std::string(row.fmtp);
  }
}

}  // namespace rooms
