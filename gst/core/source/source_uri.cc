// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/source/source_uri.h"

#include <algorithm>
#include <cctype>

#include "gst/core/push/push_address.h"
#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestUri = 2048;
constexpr std::string_view kHidden = "***";

bool contains(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

/// RFC 3986 3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '+' || c == '-' || c == '.';
         });
}

/// Space and control characters belong into no URI; in a log they would begin a line of their own.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c != 0x7F; });
}

std::string listed(const std::vector<std::string>& schemes) {
  std::string text;
  for (const auto& scheme : schemes) text += (text.empty() ? "" : ", ") + scheme;
  return text.empty() ? "none" : text;
}

struct Parts {
  std::string_view authority;
  std::string_view path;   // with its slash; of RTMP without its key
  std::string_view key;    // of RTMP, which lets whoever knows it publish
  std::string_view query;  // with its question mark
};

Parts parts_of(std::string_view behind_scheme, bool has_key) {
  Parts parts;
  const auto query = std::min(behind_scheme.find('?'), behind_scheme.size());
  parts.query = behind_scheme.substr(query);
  const auto before = behind_scheme.substr(0, query);
  const auto path = std::min(before.find('/'), before.size());
  parts.authority = before.substr(0, path);
  parts.path = before.substr(path);
  if (const auto slash = parts.path.rfind('/'); has_key && slash != std::string_view::npos) {
    parts.key = parts.path.substr(slash + 1);
    parts.path = parts.path.substr(0, slash + 1);
  }
  return parts;
}

/// None, or one there can be.
bool is_port_right(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return true;
  const auto port = to_number<std::uint16_t>(host.substr(colon + 1));
  return port && *port > 0;
}

/// Who waits for callers is the server's own port.
Status check_srt(const std::string& text) {
  const auto address = parse_push_address(text);
  if (!address) return Error{"source-uri", address.error().message};
  if (address->listens)
    return Error{"source-uri",
                 "A source calls; whoever should call this server calls the port of srt-listen."};
  return Done{};
}

std::string without_values(std::string_view query) {
  std::string shown;
  bool is_value = false;
  for (const char c : query) {
    if (c == '&' || c == ';') is_value = false;
    if (!is_value) shown += c;
    if (c == '=' && !is_value) {
      is_value = true;
      shown += kHidden;
    }
  }
  return shown;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

bool SourceUri::is_rtsp() const { return scheme == "rtsp" || scheme == "rtsps"; }
bool SourceUri::is_rtmp() const { return scheme == "rtmp" || scheme == "rtmps"; }
bool SourceUri::is_srt() const { return scheme == "srt"; }
bool SourceUri::is_live() const {
  return scheme != "file" && scheme != "http" && scheme != "https";
}

const std::vector<std::string>& source_schemes() {
  static const std::vector<std::string> all{"rtsp", "rtsps", "rtmp",  "rtmps",
                                            "srt",  "http",  "https", "file"};
  return all;
}

const std::vector<std::string>& default_source_schemes() {
  static const std::vector<std::string> usual{"rtsp", "rtsps", "rtmp", "rtmps",
                                              "srt",  "http",  "https"};
  return usual;
}

Result<SourceUri> read_source_uri(std::string_view text, const std::vector<std::string>& allowed) {
  const Error no_uri{
      "source-uri",
      "'uri' should be the address of a stream of at most 2048 bytes without spaces, "
      "for example rtsp://user:password@camera.example:554/stream1."};
  const auto colon = text.find("://");
  if (text.size() > kLongestUri || colon == std::string_view::npos || !is_printable(text))
    return no_uri;
  SourceUri uri;
  uri.text = text;
  uri.scheme = text.substr(0, colon);
  if (!is_scheme(uri.scheme)) return no_uri;
  for (auto& c : uri.scheme) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!contains(source_schemes(), uri.scheme))
    return Error{"source-scheme", "Nothing here reads '" + uri.scheme.substr(0, 32) +
                                      "' addresses. Allowed are: " + listed(allowed) + "."};
  if (!contains(allowed, uri.scheme))
    return Error{"source-scheme", "This server takes no '" + uri.scheme +
                                      "' addresses. Allowed are: " + listed(allowed) +
                                      "; its configuration (source-schemes) can allow others."};
  const auto parts = parts_of(text.substr(colon + 3), uri.is_rtmp());
  const auto at = parts.authority.rfind('@');
  const auto host = at == std::string_view::npos ? parts.authority : parts.authority.substr(at + 1);
  if (host.empty() && uri.scheme != "file") return no_uri;
  if (!is_port_right(host))
    return Error{"source-uri", "The port of the address is no number from 1 to 65535."};
  if (uri.is_srt())
    if (auto checked = check_srt(uri.text); !checked) return checked.error();
  uri.shown = uri.scheme + "://" +
              (at == std::string_view::npos ? "" : std::string(kHidden) + "@") + std::string(host) +
              std::string(parts.path) + std::string(parts.key.empty() ? "" : kHidden) +
              without_values(parts.query);
  return uri;
}

std::string without_secrets(std::string message, const SourceUri& uri) {
  replace_all(message, uri.text, uri.shown);
  const auto parts =
      parts_of(std::string_view(uri.text).substr(uri.scheme.size() + 3), uri.is_rtmp());
  replace_all(message, parts.key, kHidden);
  if (const auto at = parts.authority.rfind('@'); at != std::string_view::npos) {
    const auto user = parts.authority.substr(0, at);
    replace_all(message, user, kHidden);
    if (const auto colon = user.find(':'); colon != std::string_view::npos)
      replace_all(message, user.substr(colon + 1), kHidden);
  }
  auto query = parts.query;
  while (!query.empty()) {
    const auto end = std::min(query.find_first_of("&;", 1), query.size());
    const auto pair = query.substr(0, end);
    if (const auto equals = pair.find('='); equals != std::string_view::npos)
      replace_all(message, pair.substr(equals + 1), kHidden);
    query.remove_prefix(end);
  }
  return message;
}

}  // namespace rooms
