// SPDX-License-Identifier: LGPL-2.1-or-later
// What a datagram on a media port is, by its first byte (RFC 7983).
#pragma once

#include <cstdint>

#include "gst/core/bytes.h"
#include "gst/core/rtp/rtp_header.h"

namespace rooms {

enum class DatagramKind : std::uint8_t { kStun, kDtls, kMedia, kUnknown };

constexpr DatagramKind kind_of(Bytes datagram) {
  if (datagram.empty()) return DatagramKind::kUnknown;
  const auto first = datagram[0];
  if (first < 4) return DatagramKind::kStun;
  if (first >= 20 && first < 64) return DatagramKind::kDtls;
  return looks_like_rtp_or_rtcp(datagram) ? DatagramKind::kMedia : DatagramKind::kUnknown;
}

}  // namespace rooms
