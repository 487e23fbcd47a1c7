// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets for the tests of this folder.
#pragma once

#include <cctype>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/time.h"

namespace rooms {

/// "80 01 ff" with any white space.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> result;
  int high = -1;
  for (char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      result.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return result;
}

inline std::vector<std::uint8_t> rtp_packet(std::uint32_t ssrc, std::uint16_t sequence,
                                            std::size_t payload, std::uint32_t timestamp = 0) {
  std::vector<std::uint8_t> packet(12 + payload, 0x5A);
  packet[0] = 0x80;
  packet[1] = 96;
  store_u16(&packet[2], sequence);
  store_u32(&packet[4], timestamp);
  store_u32(&packet[8], ssrc);
  return packet;
}

constexpr Timestamp at_ms(std::int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }
constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds(count); }

}  // namespace rooms
