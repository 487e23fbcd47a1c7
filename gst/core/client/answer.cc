// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/answer.h"

#include <algorithm>

#include "gst/core/sdp/codec_match.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/sdp/sections.h"

namespace rooms {
namespace {

Error bad_answer(const char* code, const std::string& what) {
  return {code, "The server's SDP answer cannot be used: " + what};
}

Direction seen_from_there(Direction ours) {
  switch (ours) {
    case Direction::kSendOnly:
      return Direction::kRecvOnly;
    case Direction::kRecvOnly:
      return Direction::kSendOnly;
    default:
      return ours;
  }
}

Status check_sections(const SessionDescription& offer, const SessionDescription& answer) {
  if (offer.media.size() != answer.media.size())
    return bad_answer("sdp-mismatch", "it has " + std::to_string(answer.media.size()) +
                                          " m= sections, the offer has " +
                                          std::to_string(offer.media.size()) + ".");
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& theirs = answer.media[i];
    if (theirs.kind != offer.media[i].kind || !theirs.other_kind.empty())
      return bad_answer("sdp-mismatch",
                        "m= section " + std::to_string(i + 1) + " is of another kind.");
    if (!theirs.rejected && !theirs.rtcp_mux)
      return bad_answer("sdp-no-mux", "it wants RTCP on a port of its own (no a=rtcp-mux).");
  }
  return Done{};
}

}  // namespace

Result<SdpTransport> transport_in_answer(const SessionDescription& offer,
                                         const SessionDescription& answer) {
  if (auto fits = check_sections(offer, answer); !fits) return fits.error();
  std::vector<bool> accepted;
  for (const auto& media : answer.media) accepted.push_back(!media.rejected);
  const auto* section = transport_section(answer, accepted);
  if (!section)
    return bad_answer("sdp-no-media",
                      "it rejects every section. The offer had " + formats_told(offer) + ".");
  const auto& transport = section->transport;
  if (transport.ufrag.empty() || transport.pwd.empty())
    return bad_answer("sdp-no-transport", "it has no ICE user and password.");
  if (transport.fingerprint_value.empty())
    return bad_answer("sdp-no-transport", "it has no a=fingerprint.");
  if (transport.setup != "active" && transport.setup != "passive")
    return bad_answer("sdp-setup", "a=setup has to be active or passive.");
  return transport;
}

SessionDescription answer_for_webrtcbin(const SessionDescription& offer,
                                        const SessionDescription& answer,
                                        const SdpTransport& transport,
                                        const std::vector<bool>& used) {
  SessionDescription told;
  told.session_id = answer.session_id;
  told.version = answer.version;
  told.ice_lite = answer.ice_lite;
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const auto& ours = offer.media[i];
    const auto& theirs = answer.media[i];
    const auto& formats = used[i] ? theirs : ours;
    SdpMedia media;
    media.kind = ours.kind;
    media.protocol = ours.protocol;
    media.mid = ours.mid;
    media.direction = used[i] ? seen_from_there(ours.direction) : Direction::kInactive;
    media.formats = formats.formats;
    if (used[i]) {
      media.extmaps = theirs.extmaps;
      media.ssrcs = theirs.ssrcs;
      media.ssrc_groups = theirs.ssrc_groups;
      media.msid_stream = theirs.msid_stream;
      media.msid_track = theirs.msid_track;
    }
    media.rtcp_rsize = theirs.rtcp_rsize;
    told.bundle.push_back(media.mid);
    told.media.push_back(std::move(media));
    candidates.insert(candidates.end(), theirs.candidates.begin(), theirs.candidates.end());
  }
  set_transport(told, transport, candidates);
  return told;
}

std::uint8_t repair_type(const SdpMedia& media, std::uint8_t payload_type) {
  const auto* rtx = rtx_of(media, payload_type);
  return rtx ? rtx->payload_type : std::uint8_t{0};
}

std::string formats_told(const SessionDescription& description) {
  std::string text;
  for (const auto& media : description.media) {
    if (media.rejected) continue;
    std::vector<std::string> names;
    for (const auto& format : media.formats)
      if (std::find(names.begin(), names.end(), format.name) == names.end() && !format.name.empty())
        names.push_back(format.name);
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
    text += (text.empty() ? "" : ", ") + std::string(name_of(media.kind)) + " (" + list + ")";
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace rooms
