// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/ice_servers.h"

#include <glib.h>

#include "server/json_writer.h"

namespace rooms {
namespace {

/// draft-uberti-behave-turn-rest: base64(HMAC-SHA1(secret, username)).
std::string time_limited_password(const std::string& secret, const std::string& username) {
  GHmac* hmac =
      g_hmac_new(G_CHECKSUM_SHA1, reinterpret_cast<const guchar*>(secret.data()), secret.size());
  g_hmac_update(hmac, reinterpret_cast<const guchar*>(username.data()),
                static_cast<gssize>(username.size()));
  guint8 digest[20];
  gsize length = sizeof digest;
  g_hmac_get_digest(hmac, digest, &length);
  g_hmac_unref(hmac);
  char* encoded = g_base64_encode(digest, length);
  std::string password = encoded;
  g_free(encoded);
  return password;
}

/// A quoted-string of RFC 9110 5.6.4.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos &&
         std::stoul(std::string(text)) <= 65535;
}

}  // namespace

Status check_ice_server(std::string_view scheme, std::string_view url) {
  const std::string wanted = std::string(scheme) + ":host:port" +
                             (scheme == "turn" ? "?transport=udp (or tcp), or turns:.." : "");
  const Error wrong{"bad-value", "'" + std::string(url) + "' should be an address like " + wanted};
  const std::string plain = std::string(scheme) + ":";
  const std::string secure = std::string(scheme) + "s:";
  if (!url.starts_with(plain) && !url.starts_with(secure)) return wrong;
  std::string_view rest = url.substr(url.find(':') + 1);
  const auto query = rest.find('?');
  if (query != std::string_view::npos) {
    const auto transport = rest.substr(query);
    if (scheme != "turn" || (transport != "?transport=udp" && transport != "?transport=tcp")) {
      return wrong;
    }
    rest = rest.substr(0, query);
  }
  const auto after_host = rest.starts_with('[') ? rest.find(']') : std::size_t{0};
  if (after_host == std::string_view::npos) return wrong;
  const auto colon = rest.find(':', after_host);
  const auto host = rest.substr(0, colon);
  if (host.empty() || host.find_first_of(" /@<>\"") != std::string_view::npos) return wrong;
  if (colon != std::string_view::npos && !is_port(rest.substr(colon + 1))) return wrong;
  return Done{};
}

std::vector<IceServer> ice_servers_for(const IceServerSettings& settings, std::string_view user,
                                       std::chrono::seconds now) {
  std::vector<IceServer> servers;
  for (const auto& url : settings.stun) servers.push_back({url, {}, {}});
  std::string username = settings.turn_user;
  std::string password = settings.turn_password;
  if (!settings.turn_secret.empty()) {
    username = std::to_string((now + settings.turn_lifetime).count()) + ":" + std::string(user);
    password = time_limited_password(settings.turn_secret, username);
  }
  for (const auto& url : settings.turn) servers.push_back({url, username, password});
  return servers;
}

std::string ice_servers_json(const std::vector<IceServer>& servers) {
  JsonWriter out;
  out.list(servers, [&](const IceServer& server) {
    out.object([&] {
      out.name("urls").list(std::vector{server.url},
                            [&](const std::string& url) { out.value(url); });
      if (server.username.empty()) return;
      out.field("username", server.username).field("credential", server.credential);
    });
  });
  return out.take();
}

std::string ice_server_link(const IceServer& server) {
  std::string link = "<" + server.url + ">; rel=\"ice-server\"";
  if (server.username.empty()) return link;
  return link + "; username=" + quoted(server.username) +
         "; credential=" + quoted(server.credential) + "; credential-type=\"password\"";
}

}  // namespace rooms
