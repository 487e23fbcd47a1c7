// SPDX-License-Identifier: LGPL-2.1-or-later
// STUN and TURN servers as a WHIP or WHEP server tells them: Link headers (RFC 8288) of rel
// "ice-server" (RFC 9725 4.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rooms {

struct LinkedIceServer {
  std::string url;  ///< "stun:host:port", "turn:host:port?transport=udp", also with stuns, turns
  std::string username;
  std::string credential;
  friend bool operator==(const LinkedIceServer&, const LinkedIceServer&) = default;
};

/// All Link headers of an answer joined by ", ", in order and without repetitions. What cannot be
/// read is skipped; at most 16 are taken.
std::vector<LinkedIceServer> ice_servers_in(std::string_view links);

/// As webrtcbin wants it: "stun://host:port", "turn://user:password@host:port?transport=udp" with
/// user and password percent-encoded. Nothing: neither of these schemes, or TURN without a user.
std::optional<std::string> agent_uri(const LinkedIceServer& server);

}  // namespace rooms
