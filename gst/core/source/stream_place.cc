// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/stream_place.h"

#include <algorithm>
#include <optional>

namespace rooms {
namespace {

constexpr std::size_t kLongestStreamId = 512;
constexpr std::size_t kLongestName = 64;
constexpr std::string_view kAccessControl = "#!:";
constexpr std::string_view kStandardKeys = ":";

Error wrong_id() {
  return {"stream-id",
          "The stream id should be room, room/name or #!::r=room,u=name,m=publish; names have at "
          "most 64 bytes."};
}

/// In a log control characters would begin a line of their own.
bool is_printable_id(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
}

bool is_complete(const StreamPlace& place) {
  return !place.room.empty() && place.room.size() <= kLongestName &&
         place.name.size() <= kLongestName && is_printable_id(place.room) &&
         is_printable_id(place.name);
}

std::optional<StreamPlace> read_plain(std::string_view text) {
  const auto slash = text.find('/');
  StreamPlace place;
  place.room = text.substr(0, slash);
  if (slash != std::string_view::npos) place.name = text.substr(slash + 1);
  const bool has_empty_part = slash != std::string_view::npos && place.name.empty();
  if (has_empty_part || !is_complete(place)) return std::nullopt;
  return place;
}

std::string_view take_until(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

Result<StreamPlace> read_keys(std::string_view text) {
  StreamPlace place;
  while (!text.empty()) {
    auto value = take_until(text, ',');
    if (value.find('=') == std::string_view::npos) return wrong_id();
    const auto key = take_until(value, '=');
    if (key == "r") place.room = value;
    if (key == "u") place.name = value;
    if (key == "m" && value != "publish")
      return Error{"stream-mode",
                   "Callers send here: the stream id says m=publish. A room is received by a push "
                   "to SRT, which may be a listener."};
    if (key == "t" && value != "stream") return wrong_id();
  }
  if (!is_complete(place)) return wrong_id();
  return place;
}

}  // namespace

Result<StreamPlace> read_stream_key(std::string_view text) {
  if (auto place = read_plain(text)) return *place;
  return Error{"stream-key",
               "The stream key should be room or room/name; names have at most 64 bytes."};
}

Result<StreamPlace> read_stream_id(std::string_view text) {
  if (text.size() > kLongestStreamId) return wrong_id();
  if (text.starts_with(kAccessControl)) {
    text.remove_prefix(kAccessControl.size());
    // Behind "#!:" a letter or sign says which syntax follows; others have been thought of, only.
    if (!text.starts_with(kStandardKeys)) return wrong_id();
    return read_keys(text.substr(kStandardKeys.size()));
  }
  if (auto place = read_plain(text)) return *place;
  return wrong_id();
}

}  // namespace rooms
