// SPDX-License-Identifier: LGPL-2.1-or-later
// The few comparisons of RFC 9110 that WHIP and WHEP lean on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rooms {

/// "Application/SDP; charset=utf-8" is application/sdp.
bool is_media_type(std::string_view header, std::string_view type);
/// Whether an Accept header admits the type; none admits everything.
bool accepts(const std::optional<std::string>& header, std::string_view type);
/// If-Match against the quoted `tag`: strong comparison (RFC 9110 13.1.1), `*` matches.
bool if_match(std::string_view header, std::string_view tag);
/// Of `size` bytes the range of a Range header (RFC 9110 14.2).
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};
enum class RangeState : std::uint8_t {
  kWhole,          ///< there is none, or one that may be ignored: several, other units, no sense
  kPart,           ///< 206
  kUnsatisfiable,  ///< 416
};
RangeState read_range(const std::optional<std::string>& header, std::uint64_t size,
                      ByteRange& range);
/// If-None-Match: weak comparison (RFC 9110 13.1.2).
bool if_none_match_hits(std::string_view header, std::string_view tag);

}  // namespace rooms
