// SPDX-License-Identifier: LGPL-2.1-or-later
// The body of an answer that is larger than one wants in memory: read in pieces, on GIO's threads,
// each when the one before has left.
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "gst/glue/ref.h"

namespace rooms {

/// Before the message is answered. Its Content-Length is `length`. A stream that fails or ends
/// earlier cuts the connection: a client must not take half of a file for all of it.
void send_stream(const Ref<SoupServerMessage>& message, Ref<GInputStream> stream,
                 std::uint64_t length);

}  // namespace rooms
