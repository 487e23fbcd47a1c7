// SPDX-License-Identifier: LGPL-2.1-or-later
// How encoded frames of each codec become RTP for RTSP players.
#pragma once

#include <optional>
#include <string>

#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

/// Launch line of the element that does it, but for its name. nullopt: nothing here does.
std::optional<std::string> rtsp_payloader(Codec codec);

}  // namespace rooms
