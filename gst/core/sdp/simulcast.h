// SPDX-License-Identifier: LGPL-2.1-or-later
// Which encodings a section will send: RIDs (RFC 8853), SSRC groups (RFC 5576), or one stream.
#pragma once

#include <string>
#include <vector>

#include "gst/core/sdp/description.h"

namespace rooms {

struct Encodings {
  std::vector<std::string> rids;  ///< one empty string: a single stream
  /// Empty, or parallel to `rids`; 0 in rtx_ssrcs: none.
  std::vector<std::uint32_t> ssrcs;
  std::vector<std::uint32_t> rtx_ssrcs;
  /// For the answer: a=rid lines and the value of a=simulcast:recv. Empty without RIDs.
  std::vector<SdpRid> answered_rids;
  std::string answered_simulcast;
};

/// `payload_type` is the one that was answered: layers restricted to others are left out.
Encodings encodings_of(const SdpMedia& offered, std::uint8_t payload_type);

}  // namespace rooms
