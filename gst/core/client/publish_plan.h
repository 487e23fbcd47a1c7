// SPDX-License-Identifier: LGPL-2.1-or-later
// The offer of a publisher (WHIP), and what its answer lets us send.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"
#include "gst/core/sdp/negotiation.h"

namespace rooms {

struct SentLayer {
  std::string rid;  ///< empty: the only one
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;  ///< 0: no RTX
};

struct SentMedia {
  MediaKind kind = MediaKind::kVideo;
  /// Name, clock rate, channels and fmtp as the payloader says; the payload type is ours to choose.
  SdpFormat format;
  std::vector<SentLayer> layers;  ///< at least one, from low to high
  std::string track;              ///< a=msid's second word: a token of 1 to 64 characters
};

/// The payload type under which we send a format; 0: it is none that can be carried.
std::uint8_t sent_payload_type(MediaKind kind, const SdpFormat& format);

/// `local`: what webrtcbin offers for as many sections of these kinds, in this order; of it mids,
/// transport and candidates are kept. `name`: cname, and a=msid's first word.
SessionDescription publish_offer(const SessionDescription& local,
                                 const std::vector<SentMedia>& media, const std::string& name);

/// One section after the answer.
struct SentSection {
  std::string mid;
  bool accepted = false;
  std::uint8_t payload_type = 0;
  std::uint8_t rtx_payload_type = 0;  ///< 0: no RTX
  ExtensionIds extension_ids{};
  bool transport_cc = false;  ///< the peer tells transport-wide feedback
  /// Of the offered layers, those to send. Without simulcast in the answer it is the top one, and
  /// `by_rid` is false.
  std::vector<bool> layers;
  bool by_rid = false;
};

struct PublishPlan {
  std::vector<SentSection> sections;
  SessionDescription for_webrtcbin;
  SdpTransport transport;
  std::string refused;  ///< "video (H264)": what nobody takes; empty: all is accepted
};

/// Errors: those of transport_in_answer, and "codec-refused" (none of what we send is taken).
Result<PublishPlan> plan_publishing(const SessionDescription& offer,
                                    const std::vector<SentMedia>& media,
                                    const SessionDescription& answer);

}  // namespace rooms
