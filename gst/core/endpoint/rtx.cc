// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/endpoint/rtx.h"

#include <cstring>

namespace rooms {

std::optional<RtxPayload> unwrap_rtx(const RtpHeader& rtx) {
  if (rtx.payload.size() < kRtxPrefixSize) return std::nullopt;
  return RtxPayload{load_u16(rtx.payload.data()), rtx.payload.subspan(kRtxPrefixSize)};
}

std::optional<MutableBytes> restore_original(MutableBytes packet, const RtpHeader& rtx,
                                             std::uint32_t original_ssrc,
                                             std::uint8_t original_payload_type) {
  const auto original = unwrap_rtx(rtx);
  if (!original || rtx.size + kRtxPrefixSize > packet.size()) return std::nullopt;
  const MutableBytes restored = packet.subspan(kRtxPrefixSize);
  std::memmove(restored.data(), packet.data(), rtx.size);
  restored[1] = static_cast<std::uint8_t>((restored[1] & 0x80) | (original_payload_type & 0x7F));
  store_u16(&restored[2], original->original_sequence);
  store_u32(&restored[8], original_ssrc);
  return restored;
}

bool write_rtx_prefix(MutableBytes out, std::size_t header_size, std::uint16_t original_sequence) {
  if (header_size + kRtxPrefixSize > out.size()) return false;
  store_u16(&out[header_size], original_sequence);
  return true;
}

}  // namespace rooms
