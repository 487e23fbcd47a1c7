// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"

namespace rooms {

Result<SdpTransport> transport_of(const SessionDescription& description) {
  for (const auto& media : description.media)
    if (!media.rejected) return checked(media.transport);
  return Error{"sdp-no-transport", "Every m= section has port 0, so there is no transport."};
}

void set_transport(SessionDescription& description, const SdpTransport& transport,
                   const std::vector<std::string>& candidates) {
  for (auto& media : description.media) {
    if (media.rejected) continue;
    auto chosen = std::move(media.transport.setup);
    media.transport = transport;
    if (transport.setup.empty()) media.transport.setup = std::move(chosen);
    media.candidates = candidates;
    media.end_of_candidates = description.ice_lite && !candidates.empty();
  }
}

}  // namespace rooms
