// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rooms {

struct RtspSettings {
  std::string host;  ///< an address or a name of this machine; empty: there is no RTSP server
  std::uint16_t port = 8554;
  struct User {
    std::string name;
    std::string password;
  };
  std::vector<User> users;  ///< empty: everybody may play
  unsigned max_connections = 256;
};

}  // namespace rooms
