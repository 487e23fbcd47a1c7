// SPDX-License-Identifier: LGPL-2.1-or-later
// What the two kinds of answers have in common, section by section.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gst/core/sdp/negotiation.h"

namespace rooms {

/// Which of the wanted sections share one transport: the BUNDLE group, or without one the ICE user
/// of the first that is wanted. Sections that are not `wanted` stay out.
std::vector<bool> carried_sections(const SessionDescription& offer,
                                   const std::vector<bool>& wanted);

/// The answer before its media: session values, and the offer's BUNDLE group restricted to
/// `accepted` (RFC 8843 7.3).
SessionDescription answer_to(const SessionDescription& offer, const std::vector<bool>& accepted);

/// A section as an answer rejects it (RFC 3264 6: port 0, same kind, protocol and formats).
SdpMedia rejecting(const SdpMedia& offered);
/// The same section without formats, header extensions and streams, accepted, DTLS role passive.
SdpMedia accepting(const SdpMedia& offered, Direction direction);
/// Data channels need no more than this (RFC 8841).
SdpMedia accepting_data(const SdpMedia& offered);
constexpr std::uint32_t kMaxMessageSize = 262144;
constexpr std::uint16_t kSctpPort = 5000;
bool is_data(const SdpMedia& media);
/// Audio or video over RTP that we could carry, codecs aside.
bool is_usable_rtp(const SdpMedia& media);

/// What we use of a format's feedback, in our order. REMB only where transport-wide feedback cannot
/// be had.
/// `remb_too`: also where transport-wide feedback takes its place.
std::vector<std::string> answered_feedback(const SdpFormat& offered, bool has_transport_wide,
                                           bool remb_too = false);
/// Sums up what the formats of an answer allow.
FeedbackSupport feedback_of(const SdpMedia& media);

/// The offer's header extensions that a room has a use for, with the offer's ids and the other
/// end's view of direction. `peer_sends`: those flow from the peer to us. An id means one thing on
/// a transport (RFC 8285 6): what the sections of `before`, such as the answer so far, use for
/// something else is left out, though some clients (aiortc) offer it and then take one for the
/// other.
std::vector<SdpExtmap> answered_extmaps(const SdpMedia& offered, bool peer_sends,
                                        const std::vector<SdpMedia>& before);
ExtensionIds ids_of(const std::vector<SdpExtmap>& extmaps);

/// ICE user, password and fingerprint are there and we may be the DTLS server.
/// Errors: "sdp-no-transport", "sdp-setup".
Result<SdpTransport> checked(const SdpTransport& transport);
/// RFC 8843 7.2, 7.3.2: the first accepted section of the BUNDLE group, in the group's order,
/// speaks for all; without a group the first accepted one. nullptr: none is accepted.
const SdpMedia* transport_section(const SessionDescription& description,
                                  const std::vector<bool>& accepted);
/// The transport of that section. Errors: "sdp-no-transport" (also if the peer is ICE-lite),
/// "sdp-setup".
Result<SdpTransport> peer_transport(const SessionDescription& offer,
                                    const std::vector<bool>& accepted);

}  // namespace rooms
