// SPDX-License-Identifier: LGPL-2.1-or-later
// What connections and their states are called wherever people or programs are told of them.
#pragma once

#include <string_view>

#include "pipelines/events.h"

namespace rooms {

inline std::string_view name_of(ConnectionRole role) {
  return role == ConnectionRole::kPublish ? "publish" : "subscribe";
}

inline std::string_view name_of(ConnectionState state) {
  switch (state) {
    case ConnectionState::kNew:
      return "new";
    case ConnectionState::kConnected:
      return "connected";
    case ConnectionState::kFailed:
      return "failed";
    case ConnectionState::kClosed:
      return "closed";
  }
  return "closed";
}

}  // namespace rooms
