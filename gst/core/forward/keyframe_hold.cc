// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/keyframe_hold.h"

namespace rooms {

void KeyframeHold::begin(const SourcePacket& packet) {
  encoding_ = packet.encoding;
  ssrc_ = packet.header.ssrc;
  first_ = packet.header.sequence;
  timestamp_ = packet.header.timestamp;
  since_ = packet.now;
  seen_.reset();
  last_.reset();
}

bool KeyframeHold::is_complete() const {
  if (!last_) return false;
  for (std::size_t i = 0; i <= *last_; ++i)
    if (!seen_.test(i)) return false;
  return true;
}

KeyframeHold::Verdict KeyframeHold::consider(const SourcePacket& packet) {
  const auto& header = packet.header;
  if (encoding_ == 0) {
    if (!packet.frame.keyframe) return Verdict::kPass;
    begin(packet);
  }
  const auto distance = static_cast<std::uint16_t>(header.sequence - first_);
  const bool is_older = distance >= 0x8000;
  // Another stream, or more than a picture can be.
  if (packet.encoding != encoding_ || header.ssrc != ssrc_ || (!is_older && distance >= kMost))
    return Verdict::kComplete;
  if (is_older) return Verdict::kHold;
  seen_.set(distance);
  if (header.timestamp == timestamp_ && header.marker) last_ = distance;
  return is_complete() ? Verdict::kComplete : Verdict::kHold;
}

}  // namespace rooms
