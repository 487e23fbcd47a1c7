// SPDX-License-Identifier: LGPL-2.1-or-later
// What an RTSP address names: `/{room}`, the mix, or `/{room}/{participant}`. Not checked: whether
// there is one of that name.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"

namespace rooms {

struct RtspPath {
  std::string room;
  std::string participant;  ///< id or name; empty: the mix

  bool operator==(const RtspPath&) const = default;
};

/// Of the path of an RTSP URI (RFC 2326 3.2): percent-encoded, with or without the `stream=N` that
/// names one stream of it in SETUP. Error "rtsp-path" says what an address looks like.
Result<RtspPath> parse_rtsp_path(std::string_view path);
/// The one spelling of it: "/demo/Ada%20L.".
std::string to_string(const RtspPath& path);

}  // namespace rooms
