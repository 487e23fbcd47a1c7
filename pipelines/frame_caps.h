// SPDX-License-Identifier: LGPL-2.1-or-later
// What an element is told of the encoded frames of a room.
#pragma once

#include <gst/gst.h>

#include "gst/core/record/encoded_frame.h"
#include "gst/glue/ref.h"

namespace rooms {

/// "video/x-h264, stream-format=avc, .."; of RED what it carries, Opus. Null: nothing describes it.
Ref<GstCaps> frame_caps(const StreamSetup& setup);

}  // namespace rooms
