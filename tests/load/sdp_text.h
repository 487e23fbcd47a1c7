// SPDX-License-Identifier: LGPL-2.1-or-later
// SDP text to values, without GStreamer: a server's offer or answer.
#pragma once

#include <string_view>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms::load {

/// Error: "sdp-syntax".
Result<SessionDescription> read_sdp_text(std::string_view text);

}  // namespace rooms::load
