// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/link_header.h"

#include <algorithm>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kMostServers = 16;

/// Reads one header value from the left.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }

  bool take(char wanted) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view until(std::string_view stops) {
    skip_blanks();
    const auto taken = rest_.substr(0, rest_.find_first_of(stops));
    rest_.remove_prefix(taken.size());
    return trimmed(taken);
  }
  /// A token, or a quoted-string of RFC 9110 5.6.4 without its quotes.
  std::string value() {
    if (!take('"')) return std::string(until(";,"));
    std::string text;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    take('"');
    return text;
  }
  /// Behind the next comma that is outside of quotes.
  void skip_link() {
    while (!rest_.empty() && !take(',')) {
      if (rest_.front() == '"') {
        value();
      } else {
        rest_.remove_prefix(1);
      }
    }
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

bool names_ice_server(std::string_view relations) {
  const auto names = words(relations);
  return std::any_of(names.begin(), names.end(),
                     [](auto name) { return equal_ignoring_case(name, "ice-server"); });
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::vector<LinkedIceServer> ice_servers_in(std::string_view links) {
  std::vector<LinkedIceServer> servers;
  Scanner scanner(links);
  while (!scanner.done() && servers.size() < kMostServers) {
    if (!scanner.take('<')) {
      scanner.skip_link();
      continue;
    }
    LinkedIceServer server;
    server.url = scanner.until(">");
    bool wanted = false;
    scanner.take('>');
    while (scanner.take(';')) {
      const auto name = scanner.until("=;,");
      const auto value = scanner.take('=') ? scanner.value() : std::string();
      if (equal_ignoring_case(name, "rel")) wanted = names_ice_server(value);
      if (equal_ignoring_case(name, "username")) server.username = value;
      if (equal_ignoring_case(name, "credential")) server.credential = value;
    }
    scanner.skip_link();
    const bool known = std::find(servers.begin(), servers.end(), server) != servers.end();
    if (wanted && !known && !server.url.empty()) servers.push_back(std::move(server));
  }
  return servers;
}

std::optional<std::string> agent_uri(const LinkedIceServer& server) {
  std::string_view rest = server.url;
  const std::string scheme(take_until(rest, ':'));
  if (rest.starts_with("//")) rest.remove_prefix(2);
  if (rest.empty() || rest.find_first_of(" @/<>\"") != std::string_view::npos) return std::nullopt;
  if (scheme == "stun" || scheme == "stuns") return scheme + "://" + std::string(rest);
  if (scheme != "turn" && scheme != "turns") return std::nullopt;
  if (server.username.empty()) return std::nullopt;
  return scheme + "://" + percent_encoded(server.username) + ":" +
         percent_encoded(server.credential) + "@" + std::string(rest);
}

}  // namespace rooms
