// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/push`: starts, shows and stops pushes to other servers; docs/push.md.
#pragma once

#include <memory>
#include <string>

#include "server/room_folder.h"

namespace rooms {

using PushFolder = RoomFolder<PushInfo, PushRequest>;
std::shared_ptr<PushFolder> make_push_folder();

/// The request in a body; errors "bad-json", "bad-field", "push-scheme", "push-uri". None of them
/// repeats the address.
Result<PushRequest> read_push_request(const std::string& body);

}  // namespace rooms
