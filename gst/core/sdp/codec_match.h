// SPDX-License-Identifier: LGPL-2.1-or-later
// Which rows of the codec table the formats of a section stand for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/sdp/description.h"
#include "gst/core/sdp/negotiation.h"

namespace rooms {

/// The value of `key` in "a=1;b=2", "" for a key without '='; nullopt when it is not there.
std::optional<std::string_view> fmtp_value(std::string_view fmtp, std::string_view key);

/// RFC 6184 8.1. What is not written means packetization mode 0 and the Baseline profile.
enum class H264Profile : std::uint8_t { kConstrainedBaseline, kBaseline, kMain, kHigh };
H264Profile h264_profile(std::string_view profile_level_id);

struct RowMatch {
  const CodecProfile* row = nullptr;  ///< nullptr: not carried
  bool exact = true;                  ///< false: the nearest row there is
};
/// Media codecs and RED only; RTX belongs to the format it repairs.
RowMatch row_of(MediaKind kind, const SdpFormat& format);

/// The format that repairs `payload_type` (RFC 4588 8.6, apt=); nullptr: none.
const SdpFormat* rtx_of(const SdpMedia& media, std::uint8_t payload_type);

/// Whether a RED format carries Opus of `opus` as its primary (RFC 2198; "111/111").
bool red_carries(const SdpFormat& red, std::uint8_t opus);

/// Mappings to every row that a peer who takes `media`'s formats can decode. A canonical type
/// appears at most once.
std::vector<PayloadMapping> mappings_of(const SdpMedia& media);

/// Fmtp for an answer to `offered`, which matched `row`.
std::string answered_fmtp(const CodecProfile& row, const SdpFormat& offered);

}  // namespace rooms
