// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet with other numbers in its head: own memory for the head, the payload's memory shared.
#pragma once

#include <gst/gst.h>

#include "gst/core/forward/rtp_patch.h"
#include "gst/glue/ref.h"

namespace rooms {

/// `bytes` are those of `packet`, and `header` was parsed from them. The result owns the RTP header
/// and the payload bytes up to the end of the edit; the rest is the memory of `packet`. Timestamps,
/// flags and metas pass.
Ref<GstBuffer> with_patch(GstBuffer* packet, Bytes bytes, const RtpHeader& header,
                          const RtpPatch& patch);

/// The same as plain bytes, for who needs a copy anyway. The size written; 0: `out` is smaller than
/// `packet`.
std::size_t write_with_patch(Bytes packet, const RtpHeader& header, const RtpPatch& patch,
                             MutableBytes out);

}  // namespace rooms
