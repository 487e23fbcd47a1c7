// SPDX-License-Identifier: LGPL-2.1-or-later
// "Did you mean ..?": the known name closest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace rooms {

/// Nothing when no name is close enough to be what was meant.
std::optional<std::string_view> nearest_name(std::string_view typed,
                                             std::span<const std::string_view> known);

}  // namespace rooms
