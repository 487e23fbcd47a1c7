// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/config_lists.h"

#include <algorithm>
#include <utility>

#include "gst/core/source/source_uri.h"
#include "server/option_value.h"

namespace rooms {
namespace {

/// Of nothing, nothing; an empty word where a comma has nothing beside it.
std::vector<std::string> divided(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool is_element_name(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::string joined_or(const std::vector<std::string>& words, const char* none) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text.empty() ? none : text;
}

Status set_source_schemes(std::vector<std::string>& field, const std::string& text) {
  auto schemes = text == "none" ? std::vector<std::string>() : divided(text);
  const auto& known = source_schemes();
  for (const auto& scheme : schemes)
    if (std::find(known.begin(), known.end(), scheme) == known.end())
      return should_be("none, or some of these with commas between them: " + joined_or(known, ""));
  field = std::move(schemes);
  return Done{};
}

Status set_tap_elements(std::vector<std::string>& field, const std::string& text) {
  auto names = text == "off" ? std::vector<std::string>() : divided(text);
  if (!std::all_of(names.begin(), names.end(), is_element_name))
    return should_be("off, or names of elements with commas between them");
  field = std::move(names);
  return Done{};
}

Status set_heights(std::vector<int>& field, const std::string& text) {
  constexpr unsigned kLeast = 90;
  constexpr unsigned kMost = 1080;
  std::vector<int> heights;
  for (const auto& word : text == "off" ? std::vector<std::string>() : divided(text)) {
    const auto height = whole_number(word, kLeast, kMost);
    if (!height || *height % 2 != 0 ||
        (!heights.empty() && static_cast<int>(*height) >= heights.back()))
      return should_be("off, or even heights from 90 to 1080 with commas, the largest first");
    heights.push_back(static_cast<int>(*height));
  }
  field = std::move(heights);
  return Done{};
}

std::string heights_or_off(const std::vector<int>& heights) {
  std::vector<std::string> words;
  for (const int height : heights) words.push_back(std::to_string(height));
  return joined_or(words, "off");
}

}  // namespace rooms
