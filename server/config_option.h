// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of options: each is a flag `--name` and a key `name` in its section of the
// configuration file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"
#include "server/config.h"

namespace rooms {

using OptionValues = std::vector<std::string>;

struct ConfigOption {
  std::string_view section;  ///< of the file, and of --help
  std::string_view name;
  std::string_view value;  ///< "HOST:PORT"
  std::string_view help;
  bool repeatable;
  /// Takes all values of the option at once. The error is what the value should be.
  Status (*set)(Config& config, const OptionValues& values);
  OptionValues (*get)(const Config& config);
};

std::span<const ConfigOption> config_options();
const ConfigOption* config_option(std::string_view name);
/// "; did you mean --listen?" or nothing.
std::string meant_option(std::string_view typed, std::string_view prefix);
/// What no option can see alone.
Status check_together(const Config& config);

}  // namespace rooms
