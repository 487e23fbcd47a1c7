// SPDX-License-Identifier: LGPL-2.1-or-later
// What the endpoints of WHIP and WHEP have in common: CORS, and the rules for a POST of an offer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http_exchange.h"
#include "server/resource_table.h"

namespace rooms {

/// Browsers of any site may publish and play: on every answer (RFC 9725 4.6 asks for it on OPTIONS
/// too).
void add_cors_headers(HttpExchange& exchange);
void respond_to_options(HttpExchange& exchange, const std::string& allowed,
                        const std::vector<IceServer>& ice_servers);

/// "/whip/room/participant" without its first part: {"room", "participant"}. Nothing: more or fewer
/// parts than that.
std::optional<std::vector<std::string>> endpoint_names(std::string_view path,
                                                       std::string_view endpoint);

/// Answers everything but a good POST of an offer, which is left to the caller (true).
bool wants_resource(HttpExchange& exchange, ResourceTable& resources);

}  // namespace rooms
