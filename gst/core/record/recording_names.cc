// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/recording_names.h"

#include <array>
#include <cstdio>

#include "gst/core/record/container_choice.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestWord = 64;

bool allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

struct Moment {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
};

Moment moment_of(Duration since_1970) {
  const auto days = std::chrono::floor<std::chrono::days>(since_1970);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(since_1970 - days).count();
  return {int{date.year()},
          unsigned{date.month()},
          unsigned{date.day()},
          static_cast<int>(ms / 3'600'000),
          static_cast<int>(ms / 60'000 % 60),
          static_cast<int>(ms / 1000 % 60),
          static_cast<int>(ms % 1000)};
}

}  // namespace

std::string iso_time(Duration since_1970) {
  const auto m = moment_of(since_1970);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", m.year, m.month,
                m.day, m.hour, m.minute, m.second, m.millisecond);
  return text.data();
}

std::string folder_time(Duration since_1970) {
  const auto m = moment_of(since_1970);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u-%02d%02d%02d", m.year, m.month, m.day,
                m.hour, m.minute, m.second);
  return text.data();
}

std::string file_word(std::string_view text) {
  std::string word;
  for (const char c : text.substr(0, kLongestWord)) word += allowed(c) ? c : '-';
  while (!word.empty() && (word.front() == '.' || word.front() == '-')) word.erase(0, 1);
  return word.empty() ? "track" : word;
}

std::string file_name(std::string_view word, unsigned segment, Container container) {
  const std::string number = segment > 1 ? "-" + std::to_string(segment) : "";
  return std::string(word) + number + "." + std::string(name_of(container));
}

}  // namespace rooms
