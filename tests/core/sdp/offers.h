// SPDX-License-Identifier: LGPL-2.1-or-later
// Offers made by hand, for what real clients seldom write.
#pragma once

#include <string>
#include <vector>

#include "gst/core/sdp/negotiation.h"

namespace rooms {

inline SdpTransport peer_transport_value(std::string ufrag = "user") {
  SdpTransport transport;
  transport.ufrag = std::move(ufrag);
  transport.pwd = "a password of some length";
  transport.fingerprint_hash = "sha-256";
  transport.fingerprint_value = "AB:CD";
  transport.setup = "actpass";
  return transport;
}

inline SdpFormat format(std::uint8_t payload_type, std::string name, std::uint32_t rate,
                        std::string fmtp = "", std::uint8_t channels = 0) {
  SdpFormat made;
  made.payload_type = payload_type;
  made.name = std::move(name);
  made.clock_rate = rate;
  made.fmtp = std::move(fmtp);
  made.channels = channels;
  return made;
}

inline SdpMedia section(MediaKind kind, std::string mid, std::vector<SdpFormat> formats,
                        Direction direction = Direction::kSendOnly) {
  SdpMedia media;
  media.kind = kind;
  media.mid = std::move(mid);
  media.formats = std::move(formats);
  media.direction = direction;
  media.transport = peer_transport_value();
  return media;
}

inline SdpMedia audio(std::string mid = "a", Direction direction = Direction::kSendOnly) {
  return section(MediaKind::kAudio, std::move(mid), {format(111, "opus", 48000, "", 2)}, direction);
}

inline SdpMedia video(std::string mid = "v", Direction direction = Direction::kSendOnly) {
  return section(MediaKind::kVideo, std::move(mid),
                 {format(120, "VP8", 90000), format(121, "rtx", 90000, "apt=120")}, direction);
}

inline SdpMedia data(std::string mid = "d") {
  auto media = section(MediaKind::kApplication, std::move(mid), {});
  media.sctp_port = 5000;
  return media;
}

/// One transport for all of them.
inline SessionDescription bundle_of(std::vector<SdpMedia> media) {
  SessionDescription offer;
  offer.session_id = 7;
  offer.media = std::move(media);
  for (const auto& m : offer.media) offer.bundle.push_back(m.mid);
  return offer;
}

/// No BUNDLE, an ICE user for each.
inline SessionDescription apart(std::vector<SdpMedia> media) {
  auto offer = bundle_of(std::move(media));
  offer.bundle.clear();
  for (auto& m : offer.media) m.transport = peer_transport_value("user" + m.mid);
  return offer;
}

}  // namespace rooms
