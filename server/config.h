// SPDX-License-Identifier: LGPL-2.1-or-later
// Everything a person can set, validated once at start-up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "pipelines/media_server.h"
#include "pipelines/room.h"
#include "pipelines/srt_listener.h"
#include "server/ice_servers.h"
#include "server/log.h"
#include "server/rtmp_hook.h"

namespace rooms {

struct Config {
  std::string listen_host = "0.0.0.0";
  std::uint16_t listen_port = 8080;
  std::string tls_cert;
  std::string tls_key;
  std::string web_root;  ///< empty: the pages compiled in
  MediaSettings media;
  RoomPolicy rooms = {.recordings = "recordings", .hls = {.enabled = true}};
  IceServerSettings ice_servers;
  SrtSettings srt;  ///< without a host: nobody may call
  RtmpHookSettings rtmp_hook;
  bool members_control = false;  ///< on /ws; /api may always
  unsigned max_rooms = 1000;
  unsigned max_participants = 200;  ///< a room
  unsigned max_sockets = 4096;
  LogLevel log_level = LogLevel::kInfo;
};

enum class Action { kServe, kShowHelp, kShowVersion, kShowConfig };

struct Invocation {
  Action action = Action::kServe;
  Config config;
};

/// `arguments` without the program's name. A file named by --config is read first, flags win over
/// it. The error names the flag, or the file and its line, and what would be right.
Result<Invocation> read_invocation(const std::vector<std::string>& arguments);

/// The text of --help.
std::string help_text();
/// `config` as a configuration file.
std::string config_text(const Config& config);

}  // namespace rooms
