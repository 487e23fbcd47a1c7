// SPDX-License-Identifier: LGPL-2.1-or-later
// Another encoding takes over with a keyframe, whose packets come in the course of up to some
// hundred milliseconds, since publishers pace them. A decoder can do nothing with half of it: so it
// is held until all of it has come, and what flows goes on meanwhile. Decides only; who asks keeps
// the packets.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>

#include "gst/core/forward/output_stream.h"
#include "gst/core/time.h"

namespace rooms {

class KeyframeHold {
 public:
  enum class Verdict : std::uint8_t {
    kPass,      ///< it begins no keyframe, and none is held
    kHold,      ///< keep it
    kComplete,  ///< with it there is nothing to wait for any more; what was kept goes first
  };
  /// Where a packet was lost it is waited for so long.
  static constexpr Duration kPatience = std::chrono::milliseconds(250);

  /// Packets of one encoding, while another one flows, in the order in which they come.
  Verdict consider(const SourcePacket& packet);
  /// 0: nothing is held.
  [[nodiscard]] EncodingId encoding() const { return encoding_; }
  [[nodiscard]] bool is_overdue(Timestamp now) const {
    return encoding_ != 0 && now - since_ > kPatience;
  }
  void reset() { encoding_ = 0; }

 private:
  static constexpr std::uint16_t kMost = 512;  // packets
  void begin(const SourcePacket& packet);
  [[nodiscard]] bool is_complete() const;

  EncodingId encoding_ = 0;
  std::uint32_t ssrc_ = 0;
  std::uint16_t first_ = 0;
  std::uint32_t timestamp_ = 0;
  Timestamp since_;
  std::bitset<kMost> seen_;            // by distance from the first
  std::optional<std::uint16_t> last_;  // of the keyframe, likewise
};

}  // namespace rooms
