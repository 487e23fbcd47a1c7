// SPDX-License-Identifier: LGPL-2.1-or-later
// Words and numbers of SDP values. Everything is ASCII; nothing allocates but what it returns.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <vector>

namespace rooms {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// Words between runs of spaces; no empty ones.
std::vector<std::string_view> words(std::string_view text);
/// Takes the part before the first `separator` off `rest`; all of it when there is none.
std::string_view take_until(std::string_view& rest, char separator);
/// 1 to 64 characters of RFC 8866's token: what a mid may be made of.
bool is_token(std::string_view text);
/// RFC 8851 10: letters, digits, '-' and '_'; at most 64.
bool is_rid(std::string_view text);

/// The whole text as a decimal number that fits T; nullopt for signs, blanks, overflow and the
/// empty text.
template <std::unsigned_integral T>
std::optional<T> to_number(std::string_view text, int base = 10) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace rooms
