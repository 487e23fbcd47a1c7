// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP (RFC 9725): `/whip/{room}` and `/whip/{room}/{participant}`, an encoder as a participant
// that browsers see.
#pragma once

#include <memory>

#include "server/http_exchange.h"
#include "server/resource_table.h"

namespace rooms {

void respond_to_whip(const std::shared_ptr<HttpExchange>& exchange, ResourceTable& resources);

}  // namespace rooms
