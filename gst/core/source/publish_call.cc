// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/publish_call.h"

#include <algorithm>
#include <optional>

namespace rooms {
namespace {

constexpr std::size_t kLongestApp = 64;
constexpr std::string_view kDigits = "0123456789ABCDEF";

std::optional<unsigned> digit(char c) {
  if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  const auto at = kDigits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

/// A '%' that no two digits follow is itself.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
    const auto low = high ? digit(text[i + 2]) : std::nullopt;
    if (low) {
      plain += static_cast<char>(*high << 4 | *low);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

/// The first of that name: the module puts its own before the arguments of the publisher, who could
/// write another `name` there.
std::string field(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const auto end = std::min(form.find('&'), form.size());
    const auto pair = form.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return decoded(pair.substr(name.size() + 1));
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return {};
}

bool is_unreserved(char c) {  // RFC 3986 2.3
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += kDigits[byte >> 4];
    result += kDigits[byte & 15];
  }
  return result;
}

}  // namespace

Result<PublishCall> read_publish_call(std::string_view form) {
  PublishCall call;
  const auto what = field(form, "call");
  call.begins = what == "publish";
  if (!call.begins && what != "publish_done")
    return Error{"hook-call",
                 "The form should have call=publish or call=publish_done, as on_publish and "
                 "on_publish_done of nginx's RTMP module send it."};
  call.app = field(form, "app");
  const bool dots_only = call.app.find_first_not_of('.') == std::string::npos;
  if (dots_only || call.app.size() > kLongestApp ||
      !std::all_of(call.app.begin(), call.app.end(), is_unreserved))
    return Error{"hook-call",
                 "The form should have app, the RTMP application, which should be letters, digits "
                 "and -._~ only."};
  call.key = field(form, "name");
  call.key = call.key.substr(0, call.key.find('?'));
  auto place = read_stream_key(call.key);
  if (!place) return place.error();
  call.place = std::move(*place);
  return call;
}

std::string pull_uri(std::string_view base, const PublishCall& call) {
  return std::string(base) + "/" + escaped(call.app) + "/" + escaped(call.key);
}

}  // namespace rooms
