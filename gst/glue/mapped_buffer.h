// SPDX-License-Identifier: LGPL-2.1-or-later
// A buffer mapped for reading as long as this lives. Several memories are merged into a temporary
// one by the mapping; the buffer itself stays as it is.
#pragma once

#include <gst/gst.h>

#include "gst/core/bytes.h"

namespace rooms {

class MappedBuffer {
 public:
  explicit MappedBuffer(GstBuffer* buffer)
      : buffer_(gst_buffer_map(buffer, &map_, GST_MAP_READ) ? buffer : nullptr) {}
  ~MappedBuffer() {
    if (buffer_) gst_buffer_unmap(buffer_, &map_);
  }
  MappedBuffer(const MappedBuffer&) = delete;
  MappedBuffer& operator=(const MappedBuffer&) = delete;

  /// Empty if the mapping failed.
  [[nodiscard]] Bytes bytes() const { return buffer_ ? Bytes{map_.data, map_.size} : Bytes{}; }

 private:
  GstMapInfo map_{};
  GstBuffer* buffer_;
};

}  // namespace rooms
