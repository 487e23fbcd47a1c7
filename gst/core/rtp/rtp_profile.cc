// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtp/rtp_profile.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace rooms {
namespace {

constexpr auto kAudio = MediaKind::kAudio;
constexpr auto kVideo = MediaKind::kVideo;

// H.264 has one row per profile and packetization mode: SDP treats them as different codecs (RFC
// 6184 8.2.2).
constexpr std::array kProfiles = {
    CodecProfile{Codec::kOpus, kAudio, "opus", 111, 0, 48000, 2, "minptime=10;useinbandfec=1"},
    CodecProfile{Codec::kRed, kAudio, "red", 63, 0, 48000, 2, "111/111"},
    CodecProfile{Codec::kG722, kAudio, "G722", 9, 0, 8000, 1, ""},
    CodecProfile{Codec::kPcmu, kAudio, "PCMU", 0, 0, 8000, 1, ""},
    CodecProfile{Codec::kPcma, kAudio, "PCMA", 8, 0, 8000, 1, ""},
    CodecProfile{Codec::kVp8, kVideo, "VP8", 96, 97, 90000, 0, ""},
    CodecProfile{Codec::kVp9, kVideo, "VP9", 98, 99, 90000, 0, "profile-id=0"},
    CodecProfile{Codec::kVp9, kVideo, "VP9", 100, 101, 90000, 0, "profile-id=2"},
    CodecProfile{Codec::kH264, kVideo, "H264", 102, 103, 90000, 0,
                 "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
    CodecProfile{Codec::kH264, kVideo, "H264", 104, 105, 90000, 0,
                 "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"},
    CodecProfile{Codec::kH264, kVideo, "H264", 106, 107, 90000, 0,
                 "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"},
    CodecProfile{Codec::kH264, kVideo, "H264", 108, 109, 90000, 0,
                 "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f"},
    CodecProfile{Codec::kH264, kVideo, "H264", 112, 113, 90000, 0,
                 "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"},
    CodecProfile{Codec::kAv1, kVideo, "AV1", 45, 46, 90000, 0, ""},
};

/// Inside a room only.
constexpr CodecProfile kAacProfile{Codec::kAac, kAudio, "AAC", 114, 0, 48000, 1, ""};
constexpr std::string_view kAacInRtp = "mpeg4-generic";

constexpr std::array<std::string_view, kExtensionCount> kUris = {
    "",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::span<const CodecProfile> codec_profiles() { return kProfiles; }

const CodecProfile* profile_of(std::uint8_t canonical_payload_type) {
  for (const auto& row : kProfiles)
    if (row.payload_type == canonical_payload_type) return &row;
  return canonical_payload_type == kAacProfile.payload_type ? &kAacProfile : nullptr;
}

const CodecProfile* profile_of(Codec codec) {
  for (const auto& row : kProfiles)
    if (row.codec == codec) return &row;
  return codec == Codec::kAac ? &kAacProfile : nullptr;
}

Codec codec_named(std::string_view encoding_name) {
  for (const auto& row : kProfiles)
    if (equal_ignoring_case(row.name, encoding_name)) return row.codec;
  for (const auto name : {kAacProfile.name, kAacInRtp})
    if (equal_ignoring_case(name, encoding_name)) return Codec::kAac;
  return Codec::kUnknown;
}

std::string_view name_of(Codec codec) {
  const auto* row = profile_of(codec);
  return row ? row->name : "unknown";
}

std::string_view name_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::kAudio:
      return "audio";
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kApplication:
      return "application";
  }
  return "unknown";
}

std::string_view uri_of(Extension extension) { return kUris[static_cast<std::size_t>(extension)]; }

Extension extension_with_uri(std::string_view uri) {
  for (std::size_t i = 1; i < kUris.size(); ++i)
    if (kUris[i] == uri) return static_cast<Extension>(i);
  return Extension::kNone;
}

}  // namespace rooms
