// SPDX-License-Identifier: LGPL-2.1-or-later
// SDP text to values, through GstSDPMessage.
#pragma once

#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"

namespace rooms {

/// Error "sdp-syntax" says what is wrong and where. Input of any content and up to 256 KiB is safe.
Result<SessionDescription> read_sdp(const std::string& text);

/// The candidates of all sections: with BUNDLE they are of one transport.
std::vector<std::string> candidates_in(const SessionDescription& description);

}  // namespace rooms
