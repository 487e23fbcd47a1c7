// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/rtsp_option.h"

#include <utility>

#include "server/option_value.h"

namespace rooms {

Status set_rtsp(Config& config, const OptionValues& values) {
  auto& rtsp = config.media.rtsp;
  if (values.back() != "off") return set_host_and_port(rtsp.host, rtsp.port, values.back());
  rtsp.host.clear();
  return Done{};
}

OptionValues get_rtsp(const Config& config) {
  const auto& rtsp = config.media.rtsp;
  return rtsp.host.empty() ? one(std::string("off")) : host_and_port(rtsp.host, rtsp.port);
}

Status set_rtsp_users(Config& config, const OptionValues& values) {
  std::vector<RtspSettings::User> users;
  for (const auto& value : values) {
    const auto colon = value.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == value.size() ||
        value.find('"') != std::string::npos)
      return should_be("NAME:PASSWORD, without quotes in them");
    users.push_back({value.substr(0, colon), value.substr(colon + 1)});
  }
  config.media.rtsp.users = std::move(users);
  return Done{};
}

OptionValues get_rtsp_users(const Config& config) {
  OptionValues values;
  for (const auto& user : config.media.rtsp.users)
    values.push_back(user.name + ":" + user.password);
  return values;
}

}  // namespace rooms
