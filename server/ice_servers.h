// SPDX-License-Identifier: LGPL-2.1-or-later
// The STUN and TURN servers that clients are told of, with the credentials they need there.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

struct IceServer {
  std::string url;         ///< "turn:turn.example.org:3478?transport=udp"
  std::string username;    ///< empty for STUN
  std::string credential;  ///< empty for STUN
};

struct IceServerSettings {
  std::vector<std::string> stun;
  std::vector<std::string> turn;
  std::string turn_user;  ///< with turn_password: the same for everybody
  std::string turn_password;
  std::string
      turn_secret;  ///< coturn's static-auth-secret: credentials that end after `turn_lifetime`
  std::chrono::seconds turn_lifetime{24 * 3600};
};

/// `scheme`: "stun" or "turn" (each also with s). RFC 7064, RFC 7065. Error says what the address
/// should look like.
Status check_ice_server(std::string_view scheme, std::string_view url);

/// `now`: seconds since 1970, since that is what a TURN server compares with. `user` may be any
/// word.
std::vector<IceServer> ice_servers_for(const IceServerSettings& settings, std::string_view user,
                                       std::chrono::seconds now);

/// For RTCPeerConnection: [{"urls": [..], "username": .., "credential": ..}]
std::string ice_servers_json(const std::vector<IceServer>& servers);
/// For WHIP and WHEP: one Link header value (RFC 9725 4.6).
std::string ice_server_link(const IceServer& server);

}  // namespace rooms
