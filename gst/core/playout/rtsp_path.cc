// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/playout/rtsp_path.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace rooms {
namespace {

constexpr std::size_t kLongest = 1024;
/// No participant has that id.
constexpr std::string_view kMix = "mix";
constexpr std::string_view kStream = "stream=";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

/// nullopt: a percent sign without two digits, or a zero, which ends text in many places.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit_of(text[i + 1]);
    const int low = digit_of(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c)) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace

Result<RtspPath> parse_rtsp_path(std::string_view path) {
  const Error wrong{"rtsp-path", "An address is rtsp://HOST:PORT/ROOM or .../ROOM/PARTICIPANT."};
  if (path.size() > kLongest || !path.starts_with('/')) return wrong;
  std::vector<std::string> words;
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    auto word = decode(path.substr(at, end - at));
    if (!word) return wrong;
    words.push_back(std::move(*word));
    at = end + 1;
  }
  // Some players end an address with a slash.
  if (words.size() > 1 && words.back().empty()) words.pop_back();
  if (words.size() > 1 && words.back().starts_with(kStream)) words.pop_back();
  const bool empty =
      std::any_of(words.begin(), words.end(), [](auto& word) { return word.empty(); });
  if (words.empty() || words.size() > 2 || empty) return wrong;
  RtspPath parsed{words[0], words.size() > 1 ? words[1] : std::string()};
  if (parsed.participant == kMix) parsed.participant.clear();
  return parsed;
}

std::string to_string(const RtspPath& path) {
  return "/" + encode(path.room) +
         (path.participant.empty() ? std::string() : "/" + encode(path.participant));
}

}  // namespace rooms
