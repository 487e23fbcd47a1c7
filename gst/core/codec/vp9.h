// SPDX-License-Identifier: LGPL-2.1-or-later
// VP9 payload descriptor (RFC 9628 4.2).
#pragma once

#include "gst/core/bytes.h"
#include "gst/core/codec/frame_info.h"

namespace rooms {

FrameInfo inspect_vp9(Bytes payload);

}  // namespace rooms
