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
  std::uint8_t descriptor_id = 0;  ///< header extension id of the dependency descriptor; 0: none
  Ref<GstCaps> caps;
};

/// Reads media, encoding-name, clock-rate, payload and extmap-N; what is missing is completed from
/// what is there.
std::shared_ptr<const InputFormat> read_format(GstCaps* caps);

/// `format` as it leaves an output: its own ssrc, nothing that describes the source's numbering.
Ref<GstCaps> outgoing_caps(const InputFormat& format, std::uint32_t ssrc);

/// As many packets are looked at together as a network worker receives at once.
constexpr std::size_t kMaxRun = 32;

struct RouterPacket {
  GstBuffer* buffer;
  Bytes bytes;
  const std::shared_ptr<const InputFormat>& format;
  SourcePacket source;
};

/// Packets of one input that came together, at least one.
struct RouterRun {
  std::span<const RouterPacket> packets;
  GstBufferList* list = nullptr;  ///< of just these; nullptr: of more, or there is none

  [[nodiscard]] const RouterPacket& first() const { return packets.front(); }
};

}  // namespace rooms
