// SPDX-License-Identifier: LGPL-2.1-or-later
// A validated view of one RTP packet (RFC 3550 5.1, RFC 8285).
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/bytes.h"

namespace rooms {

/// Views point into the packet that was parsed and live as long as it.
struct RtpHeader {
  bool marker = false;
  std::uint8_t payload_type = 0;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint8_t csrc_count = 0;
  /// 0xBEDE: one-byte elements; 0x100X: two-byte elements; 0: no extension block.
  std::uint16_t extension_profile = 0;
  /// Body of the extension block, without its four-byte head.
  Bytes extensions;
  /// Bytes before the payload: fixed header, CSRCs and extension block.
  std::size_t size = 12;
  /// Without padding. Empty for padding-only packets (bandwidth probes).
  Bytes payload;
  std::size_t padding = 0;
};

/// nullopt: not RTP version 2, truncated, or lengths that contradict each other.
std::optional<RtpHeader> parse_rtp(Bytes packet);

/// One element of the extension block; `data` may be empty for two-byte elements.
struct RtpExtension {
  std::uint8_t id = 0;
  Bytes data;
};

/// Walks the elements of an extension block; ends early (never reads past the end) when one is cut short.
class RtpExtensionReader {
 public:
  explicit RtpExtensionReader(const RtpHeader& header)
      : two_byte_((header.extension_profile & 0xFFF0) == 0x1000),
        rest_(header.extension_profile == 0xBEDE || two_byte_ ? header.extensions : Bytes{}) {}
  std::optional<RtpExtension> next();

 private:
  bool two_byte_;
  Bytes rest_;
};

/// The data of element `id`, or nullopt. id 0 never matches.
std::optional<Bytes> find_extension(const RtpHeader& header, std::uint8_t id);

/// RFC 7983: is this datagram RTP or RTCP (first byte 128..191), and which of the two (RFC 5761 4)?
constexpr bool looks_like_rtp_or_rtcp(Bytes p) { return p.size() >= 8 && p[0] >= 128 && p[0] < 192; }
constexpr bool looks_like_rtcp(Bytes p) {
  return looks_like_rtp_or_rtcp(p) && p[1] >= 192 && p[1] <= 223;
}

}  // namespace rooms
