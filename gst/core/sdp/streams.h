// SPDX-License-Identifier: LGPL-2.1-or-later
// The sending half of a section, the same whether we offered it or the peer did.
#pragma once

#include <string>

#include "gst/core/sdp/negotiation.h"

namespace rooms {

struct OutgoingStream {
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;  ///< 0: no RTX
  std::string cname;
  std::string stream;
  std::string track;
};

/// a=msid, a=ssrc and the FID group that tells the peer which SSRC repairs which. Without it
/// Chromium binds the track to whatever SSRC comes first.
void announce_stream(SdpMedia& media, const OutgoingStream& outgoing);

/// Mappings, header extensions and feedback of `media`, as its receiver wrote it. SSRCs are left
/// for the caller. Active if there is anything its receiver could decode.
SendSlot send_slot(const SdpMedia& media, const std::vector<SdpExtmap>& extmaps);
/// Whether RTX was negotiated for any codec of the slot.
bool repairs(const SendSlot& slot);

}  // namespace rooms
