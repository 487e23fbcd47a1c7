// SPDX-License-Identifier: LGPL-2.1-or-later
// A packet with other numbers in its head: own memory for the head, the payload's memory shared.
#pragma once

#include <gst/gst.h>

#include "gst/core/forward/rtp_patch.h"
#include "gst/glue/ref.h"

namespace rooms {

/// `header` was parsed from `packet` and is still valid. The result owns the RTP header and the
/// payload bytes up to the end of the edit; the rest is the memory of `packet`. Timestamps, flags
/// and metas pass.
Ref<GstBuffer> with_patch(GstBuffer* packet, const RtpHeader& header, const RtpPatch& patch);

/// The same packet as bytes; `out` has room for header.size + header.payload.size() +
/// header.padding bytes.
std::size_t write_with_patch(Bytes packet, const RtpHeader& header, const RtpPatch& patch,
                             MutableBytes out);

}  // namespace rooms
