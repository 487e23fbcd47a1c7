// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"

namespace rooms {

Result<SdpTransport> transport_of(const SessionDescription& description) {
  std::vector<bool> accepted;
  for (const auto& media : description.media) accepted.push_back(!media.rejected);
  if (const auto* section = transport_section(description, accepted))
    return checked(section->transport);
  return Error{"sdp-no-transport", "Every m= section has port 0, so there is no transport."};
}

void set_transport(SessionDescription& description, const SdpTransport& transport,
                   const std::vector<std::string>& candidates) {
  for (auto& media : description.media) {
    auto chosen = std::move(media.transport.setup);
    media.transport = transport;
    if (transport.setup.empty()) media.transport.setup = std::move(chosen);
    if (media.rejected) continue;
    media.candidates = candidates;
    media.end_of_candidates = description.ice_lite && !candidates.empty();
  }
}

}  // namespace rooms
