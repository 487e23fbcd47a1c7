// SPDX-License-Identifier: LGPL-2.1-or-later
// WHEP (draft-ietf-wish-whep): `/whep/{room}`, `/whep/{room}/{participant}`,
// `/whep/{room}?participants=a,b,c`. A player may come before whom it plays; it is not seen by the
// others.
#pragma once

#include <memory>

#include "server/http_exchange.h"
#include "server/resource_table.h"

namespace rooms {

void respond_to_whep(const std::shared_ptr<HttpExchange>& exchange, ResourceTable& resources);

}  // namespace rooms
