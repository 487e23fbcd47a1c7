// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer of a WHIP or WHEP server to an offer of ours: what is wrong with it, and what
// webrtcbin is told of it.
#pragma once

#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms {

/// The peer's transport, if `answer` fits `offer`. Errors: "sdp-mismatch" (other m= sections),
/// "sdp-no-media" (every section is rejected), "sdp-no-transport" (ICE user, password or
/// fingerprint missing), "sdp-setup" (no DTLS role), "sdp-no-mux" (RTCP on a port of its own).
Result<SdpTransport> transport_in_answer(const SessionDescription& offer,
                                         const SessionDescription& answer);

/// webrtcbin 1.22 refuses answers that are legal: rejected sections without a fingerprint, other
/// ICE users within a bundle (RFC 8843 7.2); and it knows nothing of layers. So it gets one that
/// says the same in its words: all sections bundled on `transport` with all candidates, those not
/// `used` inactive, without layers.
SessionDescription answer_for_webrtcbin(const SessionDescription& offer,
                                        const SessionDescription& answer,
                                        const SdpTransport& transport,
                                        const std::vector<bool>& used);

/// How the format is repaired (a=rtpmap rtx with apt=), as canonical numbers: 0: not.
std::uint8_t repair_type(const SdpMedia& media, std::uint8_t payload_type);

/// "audio (opus), video (H264, VP8)" of the sections that are not rejected, for messages.
std::string formats_told(const SessionDescription& description);

}  // namespace rooms
