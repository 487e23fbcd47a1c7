// SPDX-License-Identifier: LGPL-2.1-or-later
// What rooms and participants may be called: names that survive in an address unescaped.
#pragma once

#include <string_view>

#include "gst/core/result.h"

namespace rooms {

/// Error "bad-field" says what is allowed. `what`: "room" or "participant".
Status check_name(std::string_view what, std::string_view name);

}  // namespace rooms
