// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/streams.h"

#include <algorithm>

#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/sections.h"

namespace rooms {

void announce_stream(SdpMedia& media, const OutgoingStream& outgoing) {
  media.msid_stream = outgoing.stream;
  media.msid_track = outgoing.track;
  media.ssrcs.push_back({outgoing.ssrc, outgoing.cname});
  if (outgoing.rtx_ssrc == 0) return;
  media.ssrcs.push_back({outgoing.rtx_ssrc, outgoing.cname});
  media.ssrc_groups.push_back({"FID", {outgoing.ssrc, outgoing.rtx_ssrc}});
}

SendSlot send_slot(const SdpMedia& media, const std::vector<SdpExtmap>& extmaps) {
  SendSlot slot;
  slot.mid = media.mid;
  slot.kind = media.kind;
  slot.payloads = mappings_of(media);
  slot.active = !decodable(slot).empty();
  slot.extension_ids = ids_of(extmaps);
  slot.feedback = feedback_of(media);
  const auto transport_wide = static_cast<std::size_t>(Extension::kTransportWide);
  slot.feedback.transport_cc &= slot.extension_ids[transport_wide] != 0;
  return slot;
}

bool repairs(const SendSlot& slot) {
  return std::any_of(slot.payloads.begin(), slot.payloads.end(),
                     [](const auto& mapping) { return !profile_of(mapping.canonical); });
}

std::vector<Codec> decodable(const SendSlot& slot) {
  std::vector<Codec> codecs;
  for (const auto& mapping : slot.payloads) {
    const auto* row = profile_of(mapping.canonical);
    if (row && std::find(codecs.begin(), codecs.end(), row->codec) == codecs.end())
      codecs.push_back(row->codec);
  }
  return codecs;
}

}  // namespace rooms
