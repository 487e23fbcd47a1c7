// SPDX-License-Identifier: LGPL-2.1-or-later
// leb128 (AV1 bitstream specification 4.10.5), at most five bytes here: no OBU is longer.
#pragma once

#include <cstddef>
#include <optional>

#include "gst/core/bytes.h"

namespace rooms {

/// Takes the number off the front of `rest`; nullopt: cut short, or too long.
inline std::optional<std::size_t> read_leb128(Bytes& rest) {
  std::size_t value = 0;
  for (unsigned i = 0; i < 5 && i < rest.size(); ++i) {
    value |= static_cast<std::size_t>(rest[i] & 0x7F) << (7 * i);
    if ((rest[i] & 0x80) == 0) {
      rest = rest.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace rooms
