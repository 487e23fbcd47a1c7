// SPDX-License-Identifier: LGPL-2.1-or-later
// Lets one connection carry many requests although the connections are accepted by our Listener.
#pragma once

#include <libsoup/soup.h>

namespace rooms {

/// libsoup closes a connection after its first answer unless it has a listener of its own. This
/// gives it one that nobody knows: a UNIX socket of a name that the kernel chooses. With libsoup
/// before 3.3 every connection carries one request, and the answer says so.
void keep_connections_alive(SoupServer* server);

}  // namespace rooms
