// SPDX-License-Identifier: LGPL-2.1-or-later
// Names nobody can guess: sessions and WHIP/WHEP resources are protected by nothing else.
#pragma once

#include <string>

namespace rooms {

/// 128 random bits as 32 hexadecimal digits.
std::string fresh_token();

}  // namespace rooms
