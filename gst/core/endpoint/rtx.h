// SPDX-License-Identifier: LGPL-2.1-or-later
// Retransmission packets (RFC 4588 4): the original packet under another SSRC, sequence number and
// payload type, with its own sequence number in front of the payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "gst/core/bytes.h"
#include "gst/core/rtp/rtp_header.h"

namespace rooms {

constexpr std::size_t kRtxPrefixSize = 2;

struct RtxPayload {
  std::uint16_t original_sequence = 0;
  Bytes payload;
};

/// nullopt: no original in it (padding-only packets are probes, and normal).
std::optional<RtxPayload> unwrap_rtx(const RtpHeader& rtx);

/// Turns a decrypted RTX packet into the original, in place: its header moves two bytes up, so the
/// original is packet[2, size). CSRCs and extensions stay; nullopt as unwrap_rtx.
std::optional<MutableBytes> restore_original(MutableBytes packet, const RtpHeader& rtx,
                                             std::uint32_t original_ssrc,
                                             std::uint8_t original_payload_type);

/// Writes the prefix behind an RTX header; see SrtpSender::protect_rtp's prefix_size. False: no
/// room.
bool write_rtx_prefix(MutableBytes out, std::size_t header_size, std::uint16_t original_sequence);

}  // namespace rooms
