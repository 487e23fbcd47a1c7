// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/recordings/{id}/files/{name}`: what was recorded, to be downloaded or played.
// As long as the file is there: the room may be gone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http_exchange.h"

namespace rooms {

struct RecordingFilePath {
  std::string room;
  std::string recording;
  std::string file;
};

/// Of such a path, below "/api/rooms/"; nothing: it is another one.
std::optional<RecordingFilePath> recording_file_path(std::string_view path);

/// `root`: folder of all recordings; empty: there are none.
void respond_with_recording(HttpExchange& exchange, const std::string& root,
                            const RecordingFilePath& path);

}  // namespace rooms
