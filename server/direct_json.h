// SPDX-License-Identifier: LGPL-2.1-or-later
// `direct` of /ws, read from one of two members and written to the other; docs/signalling.md.
#pragma once

#include "pipelines/direct_message.h"
#include "server/json_fields.h"
#include "server/json_writer.h"

namespace rooms {

/// What is read can be written: nothing of it is longer or more than a connection of two needs.
DirectMessage read_direct_message(JsonFields& fields);

/// As fields of the object that is open.
void write_direct_message(JsonWriter& out, const DirectMessage& message);

}  // namespace rooms
