// SPDX-License-Identifier: LGPL-2.1-or-later
// VP8 payload descriptor (RFC 7741 4.2, 4.3).
#pragma once

#include "gst/core/bytes.h"
#include "gst/core/codec/frame_info.h"

namespace rooms {

FrameInfo inspect_vp8(Bytes payload);

}  // namespace rooms
