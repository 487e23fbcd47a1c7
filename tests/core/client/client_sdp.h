// SPDX-License-Identifier: LGPL-2.1-or-later
// What webrtcbin and a server would have said.
#pragma once

#include <string>

#include "gst/core/sdp/description.h"
#include "gst/core/sdp/negotiation.h"

namespace rooms {

inline SdpTransport transport_named(const std::string& name, const std::string& setup) {
  return {name, name + "0123456789012345678901", "sha-256", "AB:CD", setup};
}

/// One section of each kind, mids "m0", "m1", ..
inline SessionDescription local_sections(const std::vector<MediaKind>& kinds) {
  SessionDescription local;
  local.session_id = 7;
  for (const auto kind : kinds) {
    SdpMedia media;
    media.kind = kind;
    media.mid = "m" + std::to_string(local.media.size());
    media.transport = transport_named("ours", "actpass");
    media.candidates = {"candidate:1 1 udp 1 192.0.2.1 4000 typ host"};
    local.bundle.push_back(media.mid);
    local.media.push_back(media);
  }
  return local;
}

/// Our own server's answer.
inline SessionDescription answered(const SessionDescription& offer) {
  auto answer = answer_publish(offer, {});
  set_transport(answer->answer, transport_named("them", ""),
                {"candidate:9 1 udp 9 192.0.2.9 5000 typ host"});
  return answer->answer;
}

}  // namespace rooms
