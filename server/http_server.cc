// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/http_server.h"

#include "server/body_limit.h"
#include "server/keep_alive.h"
#include "server/log.h"
#include "server/media_endpoint.h"
#include "server/metrics.h"
#include "server/whep.h"
#include "server/whip.h"

namespace rooms {
namespace {

bool is_below(const std::string& path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

HttpServer::HttpServer(const Config& config, MediaServer& media, RoomRegistry& registry)
    : media_(media),
      registry_(registry),
      soup_(adopt(soup_server_new("server-header", "gst-rooms/" GST_ROOMS_VERSION, nullptr))),
      sessions_(registry, config.ice_servers, config.members_control),
      resources_(registry, config.ice_servers),
      sources_(std::make_shared<SourceVisits>(registry)),
      api_(std::make_shared<Api>(
          registry, [&media] { return media.stats_json(); }, config.rooms.recordings, sources_,
          config.rtmp_hook)),
      hls_(std::make_shared<HlsRoute>(registry)),
      files_(config.web_root) {}

HttpServer::~HttpServer() {
  listener_.reset();
  deadline_.reset();
  sockets_.reset();
  soup_server_remove_handler(soup_.get(), nullptr);
  soup_server_disconnect(soup_.get());
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(const Config& config, MediaServer& media,
                                                       RoomRegistry& registry) {
  std::unique_ptr<HttpServer> server(new HttpServer(config, media, registry));
  server->add_routes();
  keep_connections_alive(server->soup_.get());
  server->deadline_ = std::make_unique<RequestDeadline>(server->soup_.get());
  const Listener::Settings settings{config.listen_host, config.listen_port, config.max_sockets,
                                    config.tls_cert, config.tls_key};
  auto listener =
      Listener::open(settings, [soup = server->soup_.get(), deadline = server->deadline_.get()](
                                   const Listener::Accepted& accepted) {
        GError* problem = nullptr;
        deadline->watch(accepted.socket.get(), accepted.remote.get());
        if (soup_server_accept_iostream(soup, accepted.stream.get(), accepted.local.get(),
                                        accepted.remote.get(), &problem)) {
          return;
        }
        log_warning(std::string("a connection was not accepted: ") + own(problem)->message);
      });
  if (!listener) return listener.error();
  server->listener_ = std::move(*listener);
  if (!config.srt.host.empty()) {
    auto srt = SrtIngest::open(config.srt, config.rooms.max_sources, server->sources_);
    if (!srt) return srt.error();
    server->srt_ = std::move(*srt);
  }
  return server;
}

void HttpServer::add_routes() {
  soup_server_add_early_handler(soup_.get(), nullptr, limit_body, &bodies_refused_, nullptr);
  const SoupServerCallback on_request = [](SoupServer*, SoupServerMessage* message,
                                           const char* path, GHashTable* query, gpointer self) {
    static_cast<HttpServer*>(self)->respond(std::make_shared<HttpExchange>(message, path, query));
  };
  soup_server_add_handler(soup_.get(), nullptr, on_request, this, nullptr);
  sockets_ = std::make_unique<WebSocketRoute>(soup_.get(), sessions_);
}

void HttpServer::respond(const std::shared_ptr<HttpExchange>& exchange) {
  const std::string& path = exchange->path();
  log_debug(std::string(exchange->method()) + " " + path);
  if (is_below(path, "/whip")) return respond_to_whip(exchange, resources_);
  if (is_below(path, "/whep")) return respond_to_whep(exchange, resources_);
  if (is_below(path, "/resource")) return respond_resource(exchange);
  if (is_below(path, "/hls")) return hls_->respond(exchange);
  if (is_below(path, "/api")) return api_->respond(exchange);
  if (path == "/metrics") return respond_metrics(*exchange);
  files_.respond(*exchange);
}

void HttpServer::respond_resource(const std::shared_ptr<HttpExchange>& exchange) {
  add_cors_headers(*exchange);
  if (exchange->method() == "OPTIONS") {
    exchange->add_header("Accept-Patch", "application/trickle-ice-sdpfrag");
    return respond_to_options(*exchange, "OPTIONS, PATCH, DELETE", {});
  }
  const auto resource = resources_.find(exchange->path().substr(std::string("/resource/").size()));
  if (resource) return resource->respond(exchange);
  exchange->refuse(SOUP_STATUS_NOT_FOUND,
                   {"resource-unknown", "There is no such resource: it has ended, or never was."});
}

void HttpServer::respond_metrics(HttpExchange& exchange) {
  if (exchange.method() != "GET" && exchange.method() != "HEAD") {
    return exchange.refuse_method("GET, HEAD");
  }
  MetricsText metrics;
  const auto add = [&](const char* name, const char* type, const char* help, auto value) {
    metrics.add(name, type, help, static_cast<double>(value));
  };
  add("gst_rooms_rooms", "gauge", "Rooms that are open.", registry_.rooms().size());
  add("gst_rooms_participants", "gauge", "Participants and players in all rooms.",
      registry_.visitor_count());
  add("gst_rooms_sessions", "gauge", "Sessions on /ws, with or without a socket.",
      sessions_.size());
  add("gst_rooms_whip_publishers", "gauge", "WHIP resources.",
      resources_.count(ConnectionRole::kPublish));
  add("gst_rooms_whep_players", "gauge", "WHEP resources.",
      resources_.count(ConnectionRole::kSubscribe));
  add("gst_rooms_websockets", "gauge", "Open WebSockets.", sockets_->socket_count());
  add("gst_rooms_sockets", "gauge", "Open TCP connections.",
      listener_ ? listener_->socket_count() : 0);
  add("gst_rooms_sockets_refused_total", "counter", "TCP connections over --max-sockets.",
      listener_ ? listener_->refused_count() : 0);
  add("gst_rooms_requests_timed_out_total", "counter", "Requests that took more than 20 s to come.",
      deadline_->missed_count());
  add("gst_rooms_bodies_refused_total", "counter", "Requests with a body of more than 256 KiB.",
      bodies_refused_);
  add("gst_rooms_websockets_cut_total", "counter", "WebSockets whose client did not read.",
      sockets_->deaf_count());
  if (srt_) metrics.add_json("gst_rooms_srt", srt_->stats_json());
  metrics.add_json("gst_rooms_media", media_.stats_json());
  exchange.respond(SOUP_STATUS_OK, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
}

}  // namespace rooms
