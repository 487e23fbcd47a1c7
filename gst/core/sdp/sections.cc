// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/sections.h"

#include <algorithm>
#include <array>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Direction reversed(Direction direction) {
  if (direction == Direction::kSendOnly) return Direction::kRecvOnly;
  if (direction == Direction::kRecvOnly) return Direction::kSendOnly;
  return direction;
}

}  // namespace

std::vector<bool> carried_sections(const SessionDescription& offer,
                                   const std::vector<bool>& wanted) {
  const auto& all = offer.media;
  const auto bundled = [&](const SdpMedia& media) { return has(offer.bundle, media.mid); };
  const SdpMedia* first = nullptr;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!wanted[i]) continue;
    if (!first || (!bundled(*first) && bundled(all[i]))) first = &all[i];
  }
  std::vector<bool> carried(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!wanted[i]) continue;
    const bool same_user = all[i].transport.ufrag == first->transport.ufrag &&
                           all[i].transport.pwd == first->transport.pwd;
    carried[i] = &all[i] == first || same_user || (bundled(*first) && bundled(all[i]));
  }
  return carried;
}

SessionDescription answer_to(const SessionDescription& offer, const std::vector<bool>& accepted) {
  SessionDescription answer;
  answer.session_id = offer.session_id;
  answer.version = offer.version;
  answer.ice_lite = true;
  answer.trickle = offer.trickle;
  answer.extmap_allow_mixed = offer.extmap_allow_mixed;
  for (const auto& mid : offer.bundle) {
    for (std::size_t i = 0; i < offer.media.size(); ++i)
      if (accepted[i] && offer.media[i].mid == mid && !has(answer.bundle, mid))
        answer.bundle.push_back(mid);
  }
  return answer;
}

SdpMedia rejecting(const SdpMedia& offered) {
  SdpMedia media;
  media.kind = offered.kind;
  media.other_kind = offered.other_kind;
  media.protocol = offered.protocol;
  media.mid = offered.mid;
  media.rejected = true;
  media.rtcp_mux = offered.rtcp_mux;
  media.direction = Direction::kInactive;
  media.transport.setup = "passive";
  media.sctpmap = offered.sctpmap;
  media.sctp_port = offered.sctp_port;
  for (const auto& format : offered.formats) {
    if (format.name.empty()) continue;
    media.formats.push_back(format);
    media.formats.back().feedback.clear();
    media.formats.back().fmtp.clear();
    break;  // one will do
  }
  return media;
}

SdpMedia accepting(const SdpMedia& offered, Direction direction) {
  SdpMedia media;
  media.kind = offered.kind;
  media.protocol = offered.protocol;
  media.mid = offered.mid;
  media.direction = direction;
  media.rtcp_rsize = offered.rtcp_rsize;
  media.transport.setup = "passive";
  return media;
}

SdpMedia accepting_data(const SdpMedia& offered) {
  auto media = accepting(offered, Direction::kSendRecv);
  media.sctpmap = offered.sctpmap;
  media.sctp_port = kSctpPort;
  media.max_message_size = kMaxMessageSize;
  return media;
}

bool is_data(const SdpMedia& media) {
  return media.kind == MediaKind::kApplication && media.other_kind.empty() && !media.rejected;
}

bool is_usable_rtp(const SdpMedia& media) {
  return media.kind != MediaKind::kApplication && media.other_kind.empty() && !media.rejected &&
         media.rtcp_mux;
}

std::vector<std::string> answered_feedback(const SdpFormat& offered, bool has_transport_wide,
                                           bool remb_too) {
  constexpr std::array<std::string_view, 4> kOurs = {"transport-cc", "ccm fir", "nack", "nack pli"};
  const bool transport_wide = has_transport_wide && has(offered.feedback, "transport-cc");
  std::vector<std::string> answered;
  if ((!transport_wide || remb_too) && has(offered.feedback, "goog-remb"))
    answered.emplace_back("goog-remb");
  for (const auto kind : kOurs) {
    if (kind == "transport-cc" && !transport_wide) continue;
    if (has(offered.feedback, kind)) answered.emplace_back(kind);
  }
  return answered;
}

FeedbackSupport feedback_of(const SdpMedia& media) {
  FeedbackSupport support;
  for (const auto& format : media.formats) {
    support.nack |= has(format.feedback, "nack");
    support.pli |= has(format.feedback, "nack pli");
    support.fir |= has(format.feedback, "ccm fir");
    support.transport_cc |= has(format.feedback, "transport-cc");
    support.remb |= has(format.feedback, "goog-remb");
  }
  return support;
}

std::vector<SdpExtmap> answered_extmaps(const SdpMedia& offered, bool peer_sends,
                                        const std::vector<SdpMedia>& before) {
  // 15 is reserved in one-byte elements, and what is above needs two-byte elements in every packet.
  constexpr std::uint16_t kHighestId = 14;
  std::vector<SdpExtmap> answered;
  const auto contradicts = [&](const SdpExtmap& extmap) {
    return std::any_of(before.begin(), before.end(), [&](const SdpMedia& media) {
      return std::any_of(media.extmaps.begin(), media.extmaps.end(), [&](const SdpExtmap& used) {
        return used.id == extmap.id && used.uri != extmap.uri;
      });
    });
  };
  for (const auto& extmap : offered.extmaps) {
    const bool flows = peer_sends ? sends(extmap.direction) : receives(extmap.direction);
    const bool known = extension_with_uri(extmap.uri) != Extension::kNone;
    const bool taken = std::any_of(answered.begin(), answered.end(), [&](const auto& a) {
      return a.id == extmap.id || a.uri == extmap.uri;
    });
    if (!flows || !known || taken || extmap.id == 0 || extmap.id > kHighestId) continue;
    if (contradicts(extmap)) continue;
    answered.push_back({extmap.id, extmap.uri, reversed(extmap.direction)});
  }
  return answered;
}

ExtensionIds ids_of(const std::vector<SdpExtmap>& extmaps) {
  ExtensionIds ids{};
  for (const auto& extmap : extmaps) {
    const auto extension = extension_with_uri(extmap.uri);
    auto& id = ids[static_cast<std::size_t>(extension)];
    if (extension != Extension::kNone && id == 0) id = static_cast<std::uint8_t>(extmap.id);
  }
  return ids;
}

Result<SdpTransport> checked(const SdpTransport& transport) {
  if (transport.ufrag.empty() || transport.pwd.empty())
    return Error{"sdp-no-transport",
                 "The SDP has no a=ice-ufrag and a=ice-pwd. Send it as "
                 "RTCPeerConnection.localDescription gives it."};
  if (transport.fingerprint_value.empty())
    return Error{"sdp-no-transport",
                 "The SDP has no a=fingerprint with sha-256 or another SHA. Only DTLS-SRTP is "
                 "spoken here."};
  const auto& setup = transport.setup;
  if (setup == "passive" || setup == "holdconn")
    return Error{"sdp-setup", "The SDP says a=setup:" + setup +
                                  ", but the server is the DTLS server. Offer a=setup:actpass, or "
                                  "answer a=setup:active."};
  return transport;
}

const SdpMedia* transport_section(const SessionDescription& description,
                                  const std::vector<bool>& accepted) {
  const auto& all = description.media;
  for (const auto& mid : description.bundle) {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (accepted[i] && all[i].mid == mid) return &all[i];
  }
  const auto first = std::find(accepted.begin(), accepted.end(), true);
  return first == accepted.end() ? nullptr
                                 : &all[static_cast<std::size_t>(first - accepted.begin())];
}

Result<SdpTransport> peer_transport(const SessionDescription& offer,
                                    const std::vector<bool>& accepted) {
  if (offer.ice_lite)
    return Error{"sdp-no-transport",
                 "Both ends are ICE-lite, so neither would look for a path. The peer must be a "
                 "full ICE agent."};
  const auto* section = transport_section(offer, accepted);
  if (!section) return Error{"sdp-no-transport", "No m= section was accepted."};
  return checked(section->transport);
}

}  // namespace rooms
