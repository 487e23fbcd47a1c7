// SPDX-License-Identifier: LGPL-2.1-or-later
// Where somebody who sends a stream wants it to be: the stream id of an SRT caller, the stream key
// of an RTMP publisher.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"

namespace rooms {

struct StreamPlace {
  std::string room;  ///< not empty; whether a room may be called so is for others to say
  std::string name;  ///< of the participant; empty: none is wished for
};

/// `room` or `room/name`. Error "stream-key": another form, an empty part, control characters.
Result<StreamPlace> read_stream_key(std::string_view text);

/// As read_stream_key(), or the syntax of SRT's access control: `#!::r=room,u=name`, with the keys
/// `t` (only "stream") and `m` (only "publish", which is also what a caller wants who has no `m`);
/// other keys are ignored. `text`: what the caller sent, at most 512 bytes.
/// Errors: "stream-id" (another form, none at all), "stream-mode" (it wants to receive).
Result<StreamPlace> read_stream_id(std::string_view text);

}  // namespace rooms
