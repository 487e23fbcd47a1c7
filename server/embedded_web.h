// SPDX-License-Identifier: LGPL-2.1-or-later
// The files of examples/web, compiled in by embed_web.py, so that the installed binary needs no
// other file.
#pragma once

#include <span>
#include <string_view>

namespace rooms {

struct EmbeddedFile {
  std::string_view path;  ///< "rooms-client.js"
  std::string_view content;
  std::string_view entity_tag;  ///< quoted
};

std::span<const EmbeddedFile> embedded_web();

}  // namespace rooms
