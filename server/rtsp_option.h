// SPDX-License-Identifier: LGPL-2.1-or-later
// The options of the RTSP server (docs/rtsp.md).
#pragma once

#include "server/config_option.h"

namespace rooms {

Status set_rtsp(Config& config, const OptionValues& values);
OptionValues get_rtsp(const Config& config);
Status set_rtsp_users(Config& config, const OptionValues& values);
OptionValues get_rtsp_users(const Config& config);

}  // namespace rooms
