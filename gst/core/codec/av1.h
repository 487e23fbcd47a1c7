// SPDX-License-Identifier: LGPL-2.1-or-later
// AV1 aggregation header and the first OBU header (AV1 RTP specification 4.4).
#pragma once

#include "gst/core/bytes.h"
#include "gst/core/codec/frame_info.h"

namespace rooms {

FrameInfo inspect_av1(Bytes payload);

}  // namespace rooms
