// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/vp9.h"

namespace rooms {

FrameInfo inspect_vp9(Bytes payload) {
  FrameInfo info;
  if (payload.empty()) return info;
  const std::uint8_t flags = payload[0];
  const bool has_picture_id = (flags & 0x80) != 0;
  const bool predicted = (flags & 0x40) != 0;
  const bool has_layers = (flags & 0x20) != 0;
  std::size_t at = 1;
  if (has_picture_id) {
    if (payload.size() <= at) return info;
    at += (payload[at] & 0x80) != 0 ? 2 : 1;
  }
  std::uint8_t spatial_id = 0;
  if (has_layers) {
    if (payload.size() <= at) return info;
    spatial_id = (payload[at] >> 1) & 0x07;
    info.temporal_id = static_cast<std::uint8_t>(payload[at] >> 5);
    info.layer_sync = (payload[at] & 0x10) != 0;
    info.spatial_id = spatial_id;
    ++at;
  }
  if (payload.size() < at) return FrameInfo{};
  info.frame_start = (flags & 0x08) != 0;
  info.frame_end = (flags & 0x04) != 0;
  // Higher spatial layers of a keyframe are "not predicted" too, but need the layers below them.
  info.keyframe = !predicted && info.frame_start && spatial_id == 0;
  return info;
}

}  // namespace rooms
