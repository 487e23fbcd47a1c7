// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/http_rules.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace rooms {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// Calls `hit` for the elements of a comma-separated list until it says true. Tags and types hold
/// no commas of ours.
template <class Hit>
bool any_element(std::string_view list, Hit&& hit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (hit(trimmed(list.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool is_refused(std::string_view parameters) {
  const auto q = parameters.find("q=0");
  return q != std::string_view::npos &&
         parameters.find_first_of("123456789", q + 3) == std::string_view::npos;
}

}  // namespace

bool is_media_type(std::string_view header, std::string_view type) {
  return same_word(trimmed(header.substr(0, header.find(';'))), type);
}

bool accepts(const std::optional<std::string>& header, std::string_view type) {
  if (!header || trimmed(*header).empty()) return true;
  const std::string whole_family = std::string(type.substr(0, type.find('/'))) + "/*";
  return any_element(*header, [&](std::string_view element) {
    const auto semicolon = element.find(';');
    const auto range = trimmed(element.substr(0, semicolon));
    if (semicolon != std::string_view::npos && is_refused(element.substr(semicolon))) return false;
    return range == "*/*" || same_word(range, type) || same_word(range, whole_family);
  });
}

bool if_match(std::string_view header, std::string_view tag) {
  if (trimmed(header) == "*") return true;
  return any_element(header, [&](std::string_view element) { return element == tag; });
}

bool if_none_match_hits(std::string_view header, std::string_view tag) {
  if (trimmed(header) == "*") return true;
  return any_element(header, [&](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == tag;
  });
}

RangeState read_range(const std::optional<std::string>& header, std::uint64_t size,
                      ByteRange& range) {
  range = {0, size};
  constexpr std::string_view kUnit = "bytes=";
  if (!header || !header->starts_with(kUnit)) return RangeState::kWhole;
  const std::string_view text = std::string_view(*header).substr(kUnit.size());
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return RangeState::kWhole;
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return problem == std::errc{} && end == digits.data() + digits.size();
  };
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const auto head = text.substr(0, dash);
  const auto tail = text.substr(dash + 1);
  if (head.empty()) {
    // The last so many.
    if (!number(tail, last)) return RangeState::kWhole;
    if (last == 0 || size == 0) return RangeState::kUnsatisfiable;
    range.first = size - std::min(last, size);
    range.length = size - range.first;
    return RangeState::kPart;
  }
  if (!number(head, first)) return RangeState::kWhole;
  last = ~std::uint64_t{0};
  if (!tail.empty() && (!number(tail, last) || last < first)) return RangeState::kWhole;
  if (first >= size) return RangeState::kUnsatisfiable;
  range.first = first;
  range.length = std::min(last, size - 1) - first + 1;
  return RangeState::kPart;
}

}  // namespace rooms
