// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/media_endpoint.h"

#include "gst/glue/sdp_reader.h"
#include "server/http_rules.h"

namespace rooms {

void add_cors_headers(HttpExchange& exchange) {
  exchange.add_header("Access-Control-Allow-Origin", "*");
  exchange.add_header("Access-Control-Expose-Headers",
                      "Location, ETag, Link, Accept-Patch, Accept-Post");
}

void respond_to_options(HttpExchange& exchange, const std::string& allowed,
                        const std::vector<IceServer>& ice_servers) {
  exchange.add_header("Allow", allowed);
  exchange.add_header("Access-Control-Allow-Methods", allowed);
  exchange.add_header("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
  exchange.add_header("Access-Control-Max-Age", "86400");
  for (const auto& server : ice_servers) exchange.add_header("Link", ice_server_link(server));
  exchange.respond(SOUP_STATUS_NO_CONTENT);
}

std::optional<std::vector<std::string>> endpoint_names(std::string_view path,
                                                       std::string_view endpoint) {
  if (!path.starts_with(endpoint)) return std::nullopt;
  path.remove_prefix(endpoint.size());
  std::vector<std::string> names;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    names.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(names.back().size());
  }
  // A slash at the end is nobody's name.
  if (names.size() > 1 && names.back().empty()) names.pop_back();
  if (!path.empty() || names.empty() || names.size() > 2) return std::nullopt;
  return names;
}

bool wants_resource(HttpExchange& exchange, ResourceTable& resources) {
  add_cors_headers(exchange);
  if (exchange.method() == "OPTIONS") {
    exchange.add_header("Accept-Post", "application/sdp");
    respond_to_options(exchange, "OPTIONS, POST", resources.ice_servers("guest"));
    return false;
  }
  if (exchange.method() != "POST") {
    exchange.refuse_method("OPTIONS, POST");
    return false;
  }
  const auto type = exchange.header("Content-Type");
  if (!type || !is_media_type(*type, "application/sdp")) {
    exchange.add_header("Accept-Post", "application/sdp");
    exchange.refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                    {"content-type", "POST an SDP offer as application/sdp."});
    return false;
  }
  if (!accepts(exchange.header("Accept"), "application/sdp")) {
    exchange.refuse(
        SOUP_STATUS_NOT_ACCEPTABLE,
        {"accept", "The answer to an offer is application/sdp, which Accept rules out."});
    return false;
  }
  // Before anything is touched: a broken offer must not open a room, nor take over from a publisher
  // that works.
  if (const auto offer = read_sdp(exchange.body()); !offer) {
    exchange.refuse(SOUP_STATUS_BAD_REQUEST, offer.error());
    return false;
  }
  return true;
}

}  // namespace rooms
