// SPDX-License-Identifier: LGPL-2.1-or-later
// Room control as JSON: the body of `PATCH /api/rooms/{room}` and the fields of `control` on /ws
// are the same; docs/http-api.md lists them.
#pragma once

#include <string_view>

#include "gst/core/result.h"
#include "pipelines/room_control.h"
#include "server/json_fields.h"

namespace rooms {

/// Unlike elsewhere unknown keys are errors: who controls should know what was not done. Those of
/// the frame around a control on /ws (`type`, `id`) are let pass.
RoomControl read_room_control(JsonFields& fields);

/// `layout` and `size` of a mix, where they are there: what says how a recording or a push looks.
MixControl read_mix_look(JsonFields& fields);

/// Of a whole body. Errors: "bad-json", "bad-field".
Result<RoomControl> parse_room_control(std::string_view body);

}  // namespace rooms
