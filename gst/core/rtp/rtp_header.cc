// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/rtp/rtp_header.h"

namespace rooms {

std::optional<RtpHeader> parse_rtp(Bytes packet) {
  if (packet.size() < 12 || (packet[0] >> 6) != 2) return std::nullopt;
  RtpHeader header;
  const bool has_padding = (packet[0] & 0x20) != 0;
  const bool has_extension = (packet[0] & 0x10) != 0;
  header.csrc_count = packet[0] & 0x0F;
  header.marker = (packet[1] & 0x80) != 0;
  header.payload_type = packet[1] & 0x7F;
  header.sequence = load_u16(&packet[2]);
  header.timestamp = load_u32(&packet[4]);
  header.ssrc = load_u32(&packet[8]);
  header.size = 12 + std::size_t{4} * header.csrc_count;
  if (packet.size() < header.size) return std::nullopt;

  if (has_extension) {
    if (packet.size() < header.size + 4) return std::nullopt;
    header.extension_profile = load_u16(&packet[header.size]);
    const std::size_t length = std::size_t{4} * load_u16(&packet[header.size + 2]);
    if (packet.size() < header.size + 4 + length) return std::nullopt;
    header.extensions = packet.subspan(header.size + 4, length);
    header.size += 4 + length;
  }
  if (has_padding) {
    header.padding = packet.back();
    if (header.padding == 0 || header.size + header.padding > packet.size()) return std::nullopt;
  }
  header.payload = packet.subspan(header.size, packet.size() - header.size - header.padding);
  return header;
}

std::optional<RtpExtension> RtpExtensionReader::next() {
  while (!rest_.empty()) {
    if (rest_[0] == 0) {  // padding between elements
      rest_ = rest_.subspan(1);
      continue;
    }
    RtpExtension element;
    std::size_t head = 1;
    std::size_t length = 0;
    if (two_byte_) {
      if (rest_.size() < 2) break;
      element.id = rest_[0];
      length = rest_[1];
      head = 2;
    } else {
      element.id = rest_[0] >> 4;
      if (element.id == 15) break;  // RFC 8285 4.2: stop reading
      length = std::size_t{1} + (rest_[0] & 0x0F);
    }
    if (rest_.size() < head + length) break;
    element.data = rest_.subspan(head, length);
    rest_ = rest_.subspan(head + length);
    if (element.id != 0) return element;
  }
  rest_ = {};
  return std::nullopt;
}

std::optional<Bytes> find_extension(const RtpHeader& header, std::uint8_t id) {
  if (id == 0) return std::nullopt;
  RtpExtensionReader reader(header);
  while (auto element = reader.next()) {
    if (element->id == id) return element->data;
  }
  return std::nullopt;
}

}  // namespace rooms
