// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_address.h"

#include <algorithm>
#include <optional>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kLongest = 2000;
constexpr std::string_view kHidden = "***";
constexpr std::size_t kLongestStreamId = 512;  // SRT Access Control
constexpr unsigned kMostLatency = 10'000;
/// Shorter words stand in ordinary sentences as well.
constexpr std::size_t kShortestSecret = 3;

Error wrong(std::string why) { return {"push-uri", std::move(why)}; }

/// What follows after a separator, which is cut off with it.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text[0] != '%') {
      plain += text[0];
      text.remove_prefix(1);
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || read.ptr != digits.data() + 2 || value == 0) return std::nullopt;
    plain += static_cast<char>(value);
    text.remove_prefix(3);
  }
  return plain;
}

void keep_secret(PushAddress& address, std::string_view secret) {
  if (secret.empty()) return;
  address.secrets.emplace_back(secret);
  if (const auto plain = unescaped(secret); plain && *plain != secret)
    address.secrets.push_back(*plain);
}

Status read_authority(PushAddress& address, std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return wrong("The address has a '[' without a ']'.");
    address.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
    if (!authority.empty() && authority[0] != ':') return wrong("Behind ']' comes ':' and a port.");
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    address.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  if (address.host.empty()) return wrong("The address names no host.");
  if (authority.empty()) return Done{};
  const auto port = to_number<std::uint16_t>(authority.substr(1));
  if (!port || *port == 0) return wrong("The port of the address is no number from 1 to 65535.");
  address.port = *port;
  return Done{};
}

std::string shown_authority(std::string_view authority) {
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(authority);
  return std::string(kHidden) + std::string(authority.substr(at));
}

/// rtmp://host/app/key?arguments: the last part and what follows it are what a stranger may not
/// know.
Status read_rtmp(PushAddress& address, std::string_view authority, std::string_view path) {
  const bool tls = address.scheme == PushScheme::kRtmps;
  address.port = tls ? 443 : 1935;
  auto server = authority;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto user = authority.substr(0, at);
    server = authority.substr(at + 1);
    const auto password = cut(user, ':');
    if (!password) return wrong("Before '@' there is a name, ':' and a password.");
    keep_secret(address, *password);
  }
  if (auto read = read_authority(address, server); !read) return read;
  const auto slash = path.substr(0, path.find('?')).rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 >= path.size())
    return wrong("An RTMP address has an application and a stream key: rtmp://host/app/key.");
  auto key = path.substr(slash + 1);
  address.shown = std::string(tls ? "rtmps" : "rtmp") + "://" + shown_authority(authority) + "/" +
                  std::string(path.substr(0, slash)) + "/" + std::string(kHidden);
  keep_secret(address, key);
  if (const auto arguments = cut(key, '?')) {
    keep_secret(address, key);
    keep_secret(address, *arguments);
  }
  return Done{};
}

Status set_srt(PushAddress& address, std::string_view name, std::string_view raw) {
  const auto value = unescaped(raw);
  if (!value) return wrong("A '%' in the address is not followed by two hexadecimal digits.");
  if (name == "mode") {
    address.listens = *value == "listener";
    if (!address.listens && *value != "caller")
      return wrong("The mode of SRT is caller or listener.");
  } else if (name == "streamid") {
    if (value->size() > kLongestStreamId) return wrong("A stream id has at most 512 bytes.");
    address.stream_id = *value;
  } else if (name == "passphrase") {
    if (value->size() < 10 || value->size() > 79)
      return wrong("A passphrase of SRT has 10 to 79 characters.");
    address.passphrase = *value;
  } else if (name == "pbkeylen") {
    const auto length = to_number<unsigned>(*value);
    if (!length || (*length != 16 && *length != 24 && *length != 32))
      return wrong("The key length (pbkeylen) of SRT is 16, 24 or 32.");
    address.key_length = *length;
  } else if (name == "latency") {
    const auto latency = to_number<unsigned>(*value);
    if (!latency || *latency > kMostLatency)
      return wrong("The latency of SRT is 0 to 10000 milliseconds.");
    address.latency_ms = *latency;
  } else {
    return wrong(
        "SRT takes mode, streamid, passphrase, pbkeylen and latency; there is something "
        "else behind the '?'.");
  }
  return Done{};
}

Status read_srt(PushAddress& address, std::string_view authority, std::string_view path,
                std::string_view query) {
  if (!path.empty()) return wrong("An SRT address has no path: srt://host:port?streamid=key.");
  if (authority.starts_with(':'))
    return wrong("The address names no host; 0.0.0.0 listens on all.");
  if (auto read = read_authority(address, authority); !read) return read;
  if (address.port == 0) return wrong("An SRT address needs a port: srt://host:port.");
  address.shown = "srt://" + std::string(authority);
  char separator = '?';
  while (!query.empty()) {
    auto pair = query;
    const auto rest = cut(pair, '&');
    query = rest.value_or("");
    auto name = pair;
    const auto value = cut(name, '=');
    if (!value) return wrong("Behind the '?' there are name=value, with '&' in between.");
    if (auto set = set_srt(address, name, *value); !set) return set;
    const bool secret = name == "passphrase" || name == "streamid";
    address.shown += separator + std::string(name) + "=" + std::string(secret ? kHidden : *value);
    if (secret) keep_secret(address, *value);
    separator = '&';
  }
  if (address.listens && !address.stream_id.empty())
    return wrong("A stream id is told by who calls: a listener has none.");
  return Done{};
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

std::string PushAddress::hide_secrets(std::string text) const {
  replace_all(text, uri, shown);
  auto longest_first = secrets;
  std::sort(longest_first.begin(), longest_first.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& secret : longest_first)
    if (secret.size() >= kShortestSecret) replace_all(text, secret, kHidden);
  return text;
}

Result<PushAddress> parse_push_address(const std::string& uri) {
  const auto colon = uri.find("://");
  if (uri.empty() || uri.size() > kLongest || colon == std::string::npos)
    return wrong(
        "'uri' should be an address such as rtmp://host/app/key, at most 2000 bytes long.");
  const bool plain = std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c < 127; });
  if (!plain) return wrong("The address has a space or a letter beyond ASCII; write it as %20.");
  PushAddress address;
  address.uri = uri;
  // RFC 3986, 3.1: the same in whatever case.
  std::transform(address.uri.begin(), address.uri.begin() + static_cast<std::ptrdiff_t>(colon),
                 address.uri.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto scheme = std::string_view(address.uri).substr(0, colon);
  auto authority = std::string_view(uri).substr(colon + 3);
  Status read = Done{};
  if (scheme == "rtmp" || scheme == "rtmps") {
    address.scheme = scheme == "rtmps" ? PushScheme::kRtmps : PushScheme::kRtmp;
    const auto path = cut(authority, '/');
    read = read_rtmp(address, authority, path.value_or(""));
  } else if (scheme == "srt") {
    address.scheme = PushScheme::kSrt;
    const auto query = cut(authority, '?');
    const auto path = cut(authority, '/');
    read = read_srt(address, authority, path.value_or(""), query.value_or(""));
  } else {
    return Error{"push-scheme", "A room is pushed to rtmp://, rtmps:// or srt://, not to '" +
                                    std::string(scheme.substr(0, 16)) + "://'."};
  }
  if (!read) return read.error();
  return address;
}

}  // namespace rooms
