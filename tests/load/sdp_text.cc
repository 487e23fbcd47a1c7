// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/sdp_text.h"

#include "gst/core/sdp/attributes.h"
#include "gst/core/sdp/tokens.h"

namespace rooms::load {
namespace {

Result<SdpMedia> read_media(std::string_view value) {
  const auto parts = words(value);
  if (parts.size() < 4) return Error{"sdp-syntax", "m=" + std::string(value) + " is too short."};
  auto ports = parts[1];
  const auto port = to_number<std::uint16_t>(take_until(ports, '/'));
  if (!port) return Error{"sdp-syntax", "m=" + std::string(value) + " has no port."};
  return read_media_line(parts[0], *port, parts[2], {parts.begin() + 3, parts.end()});
}

}  // namespace

Result<SessionDescription> read_sdp_text(std::string_view text) {
  SessionDescription session;
  SessionDefaults defaults;
  if (!text.starts_with("v=0")) return Error{"sdp-syntax", "It does not begin with v=0."};
  while (!text.empty()) {
    const auto line = trimmed(take_until(text, '\n'));
    if (line.size() < 2 || line[1] != '=') continue;
    auto value = line.substr(2);
    if (line[0] == 'm') {
      auto media = read_media(value);
      if (!media) return media.error();
      media->direction = defaults.direction;
      session.media.push_back(std::move(*media));
    }
    if (line[0] != 'a') continue;
    const auto name = take_until(value, ':');
    if (session.media.empty()) {
      auto status = read_session_attribute(name, value, session, defaults);
      if (!status) return status.error();
    } else {
      if (name == "ice-options") read_ice_options(value, session);
      auto status = read_media_attribute(name, value, session.media.back());
      if (!status) return status.error();
    }
  }
  for (auto& media : session.media) complete_media(defaults, media);
  if (auto status = complete_session(session); !status) return status.error();
  if (session.media.empty()) return Error{"sdp-syntax", "It has no m= line."};
  return session;
}

}  // namespace rooms::load
