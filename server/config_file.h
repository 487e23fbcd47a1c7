// SPDX-License-Identifier: LGPL-2.1-or-later
// The configuration file: sections and keys as GKeyFile reads them.
#pragma once

#include <string>

#include "gst/core/result.h"
#include "server/config.h"

namespace rooms {

/// Sets in `config` what the file sets. Errors read "rooms.conf, line 3: ..".
Status read_config_file(const std::string& path, Config& config);

}  // namespace rooms
