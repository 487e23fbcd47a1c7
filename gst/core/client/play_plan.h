// SPDX-License-Identifier: LGPL-2.1-or-later
// The offer of a player (WHEP), and what its answer promises.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms {

/// `local`: what webrtcbin offers for as many sections to receive as wanted; of it kinds, mids,
/// transport and candidates are kept. Offered are all codecs that GStreamer 1.22 depayloads: Opus,
/// G722, PCMU, PCMA; VP8, H264, VP9; video with RTX.
SessionDescription play_offer(const SessionDescription& local);

struct PlayedSection {
  std::string mid;
  MediaKind kind = MediaKind::kVideo;
  bool active = false;  ///< the server may send here
  std::string stream;   ///< a=msid
  std::string track;
  std::vector<std::uint32_t> ssrcs;
};

struct PlayPlan {
  std::vector<PlayedSection> sections;
  SessionDescription for_webrtcbin;
  SdpTransport transport;
};

/// Errors: those of transport_in_answer, and "codec-refused" (no section will send anything).
Result<PlayPlan> plan_playing(const SessionDescription& offer, const SessionDescription& answer);

/// The section that a stream belongs to: by its SSRC, or by kind where the server told none, the
/// first one of that kind that is not `taken`.
std::optional<std::size_t> section_of(const std::vector<PlayedSection>& sections, MediaKind kind,
                                      std::uint32_t ssrc, const std::vector<bool>& taken);

}  // namespace rooms
