// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/recordings`: starts, shows and stops recordings; docs/recording.md.
#pragma once

#include <memory>
#include <string>

#include "server/room_folder.h"

namespace rooms {

using RecordingFolder = RoomFolder<RecordingInfo, RecordingRequest>;
std::shared_ptr<RecordingFolder> make_recording_folder();

/// The request in a body; errors "bad-json", "bad-field", "recording-format".
Result<RecordingRequest> read_recording_request(const std::string& body);

}  // namespace rooms
