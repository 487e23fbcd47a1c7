// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api/rooms/{room}/taps`: pipelines on tracks and the mix; docs/taps.md.
#pragma once

#include <memory>
#include <string>

#include "server/room_folder.h"

namespace rooms {

using TapFolder = RoomFolder<TapInfo, TapRequest>;
std::shared_ptr<TapFolder> make_tap_folder();

/// The request in a body; errors "bad-json", "missing-field", "bad-field".
Result<TapRequest> read_tap_request(const std::string& body);

}  // namespace rooms
