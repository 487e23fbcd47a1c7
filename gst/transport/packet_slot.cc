// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/packet_slot.h"

#include "gst/transport/send_batch.h"

namespace rooms {

MutableBytes PacketSlot::room() {
  if (!memory_) {
    memory_ = gst_allocator_alloc(nullptr, kMaxDatagram, nullptr);
    gst_memory_map(memory_, &map_, GST_MAP_READWRITE);
  }
  return {map_.data, kMaxDatagram};
}

GstBuffer* PacketSlot::take(std::size_t offset, std::size_t size) {
  gst_memory_unmap(memory_, &map_);
  gst_memory_resize(memory_, static_cast<gssize>(offset), size);
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, memory_);
  memory_ = nullptr;
  return buffer;
}

void PacketSlot::drop() {
  if (!memory_) return;
  gst_memory_unmap(memory_, &map_);
  gst_memory_unref(memory_);
  memory_ = nullptr;
}

}  // namespace rooms
