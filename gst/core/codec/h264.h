// SPDX-License-Identifier: LGPL-2.1-or-later
// H.264 NAL units: single, STAP-A, STAP-B, FU-A, FU-B (RFC 6184 5).
#pragma once

#include "gst/core/bytes.h"
#include "gst/core/codec/frame_info.h"

namespace rooms {

FrameInfo inspect_h264(Bytes payload);

}  // namespace rooms
