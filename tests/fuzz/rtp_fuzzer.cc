// SPDX-License-Identifier: LGPL-2.1-or-later
// Any datagram as RTP: header, both forms of extensions, and as a retransmission.
#include <vector>

#include "gst/core/endpoint/rtx.h"
#include "gst/core/rtp/rtp_header.h"
#include "tests/fuzz/input.h"

using namespace rooms;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes packet(data, size);
  const auto header = parse_rtp(packet);
  if (!header) return 0;
  require(header->size + header->payload.size() + header->padding == size);
  require(within(header->payload, packet) && within(header->extensions, packet));

  RtpExtensionReader reader(*header);
  std::size_t elements = 0;
  while (const auto element = reader.next()) {
    require(element->id != 0 && within(element->data, header->extensions));
    require(find_extension(*header, element->id).has_value());
    ++elements;
  }
  require(elements <= header->extensions.size());
  require(!find_extension(*header, 0));
  require(elements > 0 || !find_extension(*header, packet.back()));

  std::vector<std::uint8_t> copy(packet.begin(), packet.end());
  const auto rtx = parse_rtp(copy);
  const auto original = unwrap_rtx(*rtx);
  const auto restored = restore_original(copy, *rtx, 0x01020304, 96);
  require(original.has_value() == restored.has_value());
  if (!restored) return 0;
  const auto again = parse_rtp(*restored);
  require(again && again->ssrc == 0x01020304 && again->payload_type == 96);
  require(again->sequence == load_u16(header->payload.data()));
  require(again->marker == header->marker && again->timestamp == header->timestamp);
  require(again->padding == header->padding);
  require(std::equal(again->payload.begin(), again->payload.end(), header->payload.begin() + 2,
                     header->payload.end()));
  return 0;
}
