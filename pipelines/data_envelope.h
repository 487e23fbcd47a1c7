// SPDX-License-Identifier: LGPL-2.1-or-later
// The envelope of data channel frames (docs/signalling.md): who a frame is for, and, on its way
// out, who it is from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rooms {

template <class Message>
struct Readdressed {
  std::string to;   ///< empty: everybody else
  Message message;  ///< for the receiver, naming the sender
};

/// nullopt: not a JSON object with `data`.
std::optional<Readdressed<std::string>> readdress_text(const std::string& text,
                                                       const std::string& from);
/// nullopt: shorter than its envelope says.
std::optional<Readdressed<std::vector<std::uint8_t>>> readdress_binary(
    const std::vector<std::uint8_t>& bytes, const std::string& from);

}  // namespace rooms
