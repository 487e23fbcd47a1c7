// SPDX-License-Identifier: LGPL-2.1-or-later
// What one a= line means. A reader splits an SDP into lines and feeds them here in order; values
// end up in SdpMedia.
#pragma once

#include <string_view>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms {

/// Bounds that keep a hostile SDP from costing more than its size. Beyond them: error "sdp-syntax".
constexpr std::size_t kMostFormats = 128;
constexpr std::size_t kMostMedia = 256;

/// One m= line: `media`, `port` and `protocol` as written, formats as its remaining words.
Result<SdpMedia> read_media_line(std::string_view media, std::uint16_t port,
                                 std::string_view protocol,
                                 const std::vector<std::string_view>& formats);

/// Session-level values that every section has unless it has its own (RFC 8866 5.13, RFC 8839 5.4,
/// RFC 8122 5).
struct SessionDefaults {
  SdpTransport transport;
  std::vector<SdpExtmap> extmaps;
  Direction direction = Direction::kSendRecv;
};

Status read_session_attribute(std::string_view name, std::string_view value,
                              SessionDescription& session, SessionDefaults& defaults);
/// Chromium writes a=ice-options in each section, Firefox once for the session.
void read_ice_options(std::string_view value, SessionDescription& session);
/// Attributes nobody here knows are skipped.
Status read_media_attribute(std::string_view name, std::string_view value, SdpMedia& media);

/// Once all lines of a section are in: defaults for what it did not say.
void complete_media(const SessionDefaults& defaults, SdpMedia& media);

/// Once all sections are complete: gives mids to those without, checks that mids differ, sorts out
/// port 0.
Status complete_session(SessionDescription& session);

}  // namespace rooms
