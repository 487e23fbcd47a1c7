// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/names.h"

#include <algorithm>
#include <string>

namespace rooms {
namespace {

constexpr std::size_t kLongest = 64;

bool allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Status check_name(std::string_view what, std::string_view name) {
  const bool dots_only = name.find_first_not_of('.') == std::string_view::npos;
  if (name.size() <= kLongest && !dots_only && std::all_of(name.begin(), name.end(), allowed)) {
    return Done{};
  }
  return Error{"bad-field", "'" + std::string(what) +
                                "' should be 1 to 64 letters, digits, dots, underscores or hyphens"
                                " (A-Z a-z 0-9 . _ -), and not dots alone."};
}

}  // namespace rooms
