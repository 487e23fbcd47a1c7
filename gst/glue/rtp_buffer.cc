// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/rtp_buffer.h"

#include <algorithm>
#include <cstring>

#include "gst/glue/mapped_buffer.h"

namespace rooms {
namespace {

/// Head and edit; `head` holds `length` bytes, at least header.size and the end of the edit.
void write_head(Bytes packet, const RtpHeader& header, const RtpPatch& patch, std::uint8_t* head,
                std::size_t length) {
  std::memcpy(head, packet.data(), length);
  store_u16(head + 2, patch.sequence);
  store_u32(head + 4, patch.timestamp);
  store_u32(head + 8, patch.ssrc);
  if (patch.marker) head[1] |= 0x80;
  const std::size_t number = patch.frame_number_offset;
  if (number != 0 && number + 2 <= header.size) store_u16(head + number, patch.frame_number);
  const PayloadEdit& edit = patch.edit;
  if (edit.length > 0 && header.size + edit.offset + edit.length <= length) {
    std::memcpy(head + header.size + edit.offset, edit.bytes.data(), edit.length);
  }
}

std::size_t head_size(const RtpHeader& header, const PayloadEdit& edit) {
  const std::size_t edited = edit.length > 0 ? std::size_t{edit.offset} + edit.length : 0;
  return header.size + std::min(edited, header.payload.size());
}

}  // namespace

Ref<GstBuffer> with_patch(GstBuffer* packet, Bytes bytes, const RtpHeader& header,
                          const RtpPatch& patch) {
  const std::size_t length = head_size(header, patch.edit);
  auto* head = static_cast<std::uint8_t*>(g_malloc(length));
  write_head(bytes, header, patch, head, length);

  auto result = adopt(gst_buffer_new());
  constexpr auto kAbout = static_cast<GstBufferCopyFlags>(
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META);
  gst_buffer_copy_into(result.get(), packet, kAbout, 0, static_cast<gsize>(-1));
  gst_buffer_append_memory(result.get(), gst_memory_new_wrapped(GstMemoryFlags{}, head, length, 0,
                                                                length, head, g_free));
  if (bytes.size() > length) {
    gst_buffer_copy_into(result.get(), packet, GST_BUFFER_COPY_MEMORY, length,
                         bytes.size() - length);
  }
  return result;
}

std::size_t write_with_patch(Bytes packet, const RtpHeader& header, const RtpPatch& patch,
                             MutableBytes out) {
  if (out.size() < packet.size()) return 0;
  write_head(packet, header, patch, out.data(), packet.size());
  return packet.size();
}

}  // namespace rooms
