// SPDX-License-Identifier: LGPL-2.1-or-later
// Values of options as text: how they are read, and what is said of wrong ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/config_option.h"

namespace rooms {

/// Behind "the value ".
Error should_be(std::string text);
std::optional<unsigned> whole_number(std::string_view text, unsigned least, unsigned most);
OptionValues one(std::string value);
OptionValues one(unsigned value);
bool is_address(const std::string& text);
/// HOST:PORT, :PORT or [IPV6]:PORT.
Status set_host_and_port(std::string& host_field, std::uint16_t& port_field,
                         const std::string& text);
OptionValues host_and_port(const std::string& host, std::uint16_t port);

}  // namespace rooms
