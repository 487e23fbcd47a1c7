// SPDX-License-Identifier: LGPL-2.1-or-later
// One incoming packet as the outputs of `sfurouter` see it: mapped, parsed and inspected once for
// all of them.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <span>

#include "gst/core/forward/output_stream.h"
#include "gst/glue/ref.h"

namespace rooms {

/// From one CAPS event of an input to the next.
struct InputFormat {
  EncodingFormat encoding;
  Ref<GstCaps> caps;
};

/// Reads media, encoding-name, clock-rate and payload; what is missing is completed from what is
/// there.
std::shared_ptr<const InputFormat> read_format(GstCaps* caps);

/// `format` as it leaves an output: its own ssrc, nothing that describes the source's numbering.
Ref<GstCaps> outgoing_caps(const InputFormat& format, std::uint32_t ssrc);

/// As many packets are looked at together as a network worker receives at once.
constexpr std::size_t kMaxRun = 32;

struct RouterPacket {
  GstBuffer* buffer;
  Bytes bytes;
  EncodingId encoding;
  const std::shared_ptr<const InputFormat>& format;
  RtpHeader header;
  FrameInfo frame;
  Timestamp now;
};

/// Packets of one input that came together, at least one.
struct RouterRun {
  std::span<const RouterPacket> packets;
  GstBufferList* list = nullptr;  ///< of just these; nullptr: of more, or there is none

  [[nodiscard]] const RouterPacket& first() const { return packets.front(); }
};

}  // namespace rooms
