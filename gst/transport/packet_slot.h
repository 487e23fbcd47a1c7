// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory that a datagram is received into and that, without a copy, becomes the GstBuffer that is
// forwarded.
#pragma once

#include <gst/gst.h>

#include "gst/core/bytes.h"

namespace rooms {

class PacketSlot {
 public:
  PacketSlot() = default;
  ~PacketSlot() { drop(); }
  PacketSlot(const PacketSlot&) = delete;
  PacketSlot& operator=(const PacketSlot&) = delete;

  /// Memory to receive into; allocated anew when the last one was taken.
  MutableBytes room();
  /// Makes a buffer of bytes [offset, offset + size) of what was received; the caller owns it.
  GstBuffer* take(std::size_t offset, std::size_t size);

 private:
  void drop();
  GstMemory* memory_ = nullptr;
  GstMapInfo map_{};
};

}  // namespace rooms
