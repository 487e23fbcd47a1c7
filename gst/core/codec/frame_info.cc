// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/frame_info.h"

#include "gst/core/codec/av1.h"
#include "gst/core/codec/h264.h"
#include "gst/core/codec/vp8.h"
#include "gst/core/codec/vp9.h"

namespace rooms {

FrameInfo inspect(Codec codec, Bytes payload) {
  switch (codec) {
    case Codec::kVp8:
      return inspect_vp8(payload);
    case Codec::kVp9:
      return inspect_vp9(payload);
    case Codec::kH264:
      return inspect_h264(payload);
    case Codec::kAv1:
      return inspect_av1(payload);
    default:
      return {};
  }
}

bool finds_keyframes(Codec codec) {
  return codec == Codec::kVp8 || codec == Codec::kVp9 || codec == Codec::kH264 ||
         codec == Codec::kAv1;
}

}  // namespace rooms
