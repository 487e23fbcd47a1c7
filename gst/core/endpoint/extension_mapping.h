// SPDX-License-Identifier: LGPL-2.1-or-later
// Header extension ids differ from connection to connection: to the room's canonical ones at
// ingress, in place; to a peer's at egress, while its header is written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gst/core/bytes.h"
#include "gst/core/forward/rtp_patch.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/time.h"

namespace rooms {

/// A peer's ids to ours. Elements that mean something on one connection only (MID, RID,
/// transport-wide number, send time, playout delay), and unknown ones, are blanked.
class IngressExtensions {
 public:
  IngressExtensions() = default;
  explicit IngressExtensions(const ExtensionIds& ids);

  /// The element of that meaning, before `canonicalize`.
  [[nodiscard]] std::optional<Bytes> find(const RtpHeader& header, Extension extension) const;
  /// `packet` is the one `header` was parsed from.
  void canonicalize(MutableBytes packet, const RtpHeader& header) const;

 private:
  ExtensionIds ids_{};
  std::array<std::uint8_t, 256> canonical_{};  // by local id; 0: blank it
};

/// What one packet's header at egress says besides the patch.
struct EgressFields {
  std::uint8_t payload_type = 0;
  std::string_view mid;  ///< empty: leave it out
  std::uint16_t transport_sequence = 0;
  std::uint32_t abs_send_time = 0;  ///< 24 bits, 6.18 s
  std::uint32_t playout_delay = 0;  ///< 24 bits, as PlayoutDelayNotice says; 0: leave it out
};

/// A whole RTP header: the fixed part from `source` and `patch`, no CSRCs, extensions with the
/// peer's `ids`. Returns its size; 0 when `out` is too small (256 bytes always suffice).
std::size_t write_egress_header(MutableBytes out, const RtpHeader& source, const RtpPatch& patch,
                                const ExtensionIds& ids, const EgressFields& fields);

/// 6.18 fixed point seconds, as abs-send-time wants them.
constexpr std::uint32_t to_abs_send_time(Duration wall_clock) {
  const auto ns = static_cast<std::uint64_t>(wall_clock.count());
  const std::uint64_t seconds = (ns / 1'000'000'000) & 63;
  return static_cast<std::uint32_t>((seconds << 18) |
                                    (((ns % 1'000'000'000) << 18) / 1'000'000'000));
}

}  // namespace rooms
