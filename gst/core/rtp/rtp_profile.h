// SPDX-License-Identifier: LGPL-2.1-or-later
// The one table of codecs, payload types and header extensions used inside a room ("canonical").
// Connections map what their peer negotiated to it at ingress and from it at egress.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rooms {

enum class MediaKind : std::uint8_t { kAudio, kVideo, kApplication };

enum class Codec : std::uint8_t {
  kUnknown,
  kOpus,
  kRed,
  kG722,
  kPcmu,
  kPcma,
  kVp8,
  kVp9,
  kH264,
  kAv1,
  kAac
};

/// One row: a codec in one configuration that needs a payload type of its own.
struct CodecProfile {
  Codec codec;
  MediaKind kind;
  std::string_view name;  ///< encoding name as in SDP, e.g. "VP8"
  std::uint8_t payload_type;
  std::uint8_t rtx_payload_type;  ///< 0: no RTX
  std::uint32_t clock_rate;
  std::uint8_t channels;  ///< 0 for video
  std::string_view fmtp;  ///< what we offer
};

/// What is negotiated with peers. AAC (RFC 3640, mode AAC-hbr) is not among it: rooms make it for
/// what leaves them otherwise than by WebRTC, and it has a profile all the same.
std::span<const CodecProfile> codec_profiles();
/// nullptr: no such canonical payload type.
const CodecProfile* profile_of(std::uint8_t canonical_payload_type);
/// The first row of a codec; nullptr for kUnknown.
const CodecProfile* profile_of(Codec codec);
/// Case-insensitive encoding name to codec; kUnknown if we do not carry it. AAC is also known by
/// its name in RTP, "mpeg4-generic".
Codec codec_named(std::string_view encoding_name);
std::string_view name_of(Codec codec);
std::string_view name_of(MediaKind kind);

/// Header extensions that a room forwards or uses, with their canonical ids (all below 15: one-byte
/// form).
enum class Extension : std::uint8_t {
  kNone = 0,
  kAudioLevel = 1,     ///< RFC 6464
  kAbsSendTime = 2,    ///< rewritten at egress
  kTransportWide = 3,  ///< rewritten at egress
  kMid = 4,            ///< removed at ingress, written at egress
  kRid = 5,            ///< removed at ingress
  kRepairedRid = 6,    ///< removed at ingress
  kVideoOrientation = 7,
  kPlayoutDelay = 8,
  kVideoContentType = 9,
  kColorSpace = 10,
  kAbsCaptureTime = 11,
  kDependencyDescriptor = 12,
  kVideoTiming = 13,
};
constexpr std::size_t kExtensionCount = 14;

std::string_view uri_of(Extension extension);
Extension extension_with_uri(std::string_view uri);

}  // namespace rooms
