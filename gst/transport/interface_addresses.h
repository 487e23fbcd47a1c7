// SPDX-License-Identifier: LGPL-2.1-or-later
// The addresses of this machine that a peer could reach.
#pragma once

#include <vector>

#include "gst/core/ice/socket_address.h"

namespace rooms {

/// Of interfaces that are up, best first: IPv4, then IPv6; loopback only if there is nothing else.
/// Link-local addresses are left out: they need a scope that SDP cannot carry.
std::vector<SocketAddress> interface_addresses(std::uint16_t port);

}  // namespace rooms
