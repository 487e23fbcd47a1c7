// SPDX-License-Identifier: LGPL-2.1-or-later
// What one output writes in place of what came in. A small value instead of a rewritten packet:
// many outputs share one incoming packet, and whoever serialises last (a buffer of its own, or an
// SRTP arena) applies it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "gst/core/rtp/rtp_header.h"

namespace rooms {

/// Bytes to overwrite near the start of the payload (picture id and TL0PICIDX of VP8 and VP9, RFC
/// 7741 4.2, RFC 9628 4.2). Lengths never change.
struct PayloadEdit {
  std::uint8_t offset = 0;
  std::uint8_t length = 0;  ///< 0: the payload stays as it came
  std::array<std::uint8_t, 4> bytes{};
};

struct RtpPatch {
  std::uint32_t ssrc = 0;
  std::uint32_t timestamp = 0;
  std::uint16_t sequence = 0;
  PayloadEdit edit;
  /// Frame number of the dependency descriptor, and where in the packet it goes (two bytes of a
  /// header extension); offset 0: it stays as it came.
  std::uint16_t frame_number = 0;
  std::uint16_t frame_number_offset = 0;
  /// The marker bit is set although the source did not: what follows in the picture was left out.
  bool marker = false;
};

/// Packets on their way out of a router pad.
struct RtpForward {
  /// The packet as it came in, parsed, and the patch of this output.
  struct Packet {
    const RtpHeader* source = nullptr;
    RtpPatch patch;
    /// Another encoding begins with it: a decoder needs nothing any more of what came before.
    bool begins_anew = false;
  };
  /// One for each buffer of the push that is under way: of the list, or the single one. Empty
  /// otherwise.
  std::span<const Packet> packets;
};

}  // namespace rooms
