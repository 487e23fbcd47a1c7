// SPDX-License-Identifier: LGPL-2.1-or-later
// One port for everything: which path goes to whom, and what no request may exceed.
#pragma once

#include <libsoup/soup.h>

#include <memory>

#include "gst/core/result.h"
#include "gst/glue/ref.h"
#include "pipelines/media_server.h"
#include "server/api.h"
#include "server/config.h"
#include "server/hls_route.h"
#include "server/listener.h"
#include "server/request_deadline.h"
#include "server/resource_table.h"
#include "server/room_registry.h"
#include "server/session_table.h"
#include "server/srt_ingest.h"
#include "server/static_files.h"
#include "server/websocket_route.h"

namespace rooms {

class HttpServer {
 public:
  /// Listens when it returns. Errors: those of Listener::open.
  static Result<std::unique_ptr<HttpServer>> create(const Config& config, MediaServer& media,
                                                    RoomRegistry& registry);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  /// Where SRT callers call; 0: nowhere.
  [[nodiscard]] std::uint16_t srt_port() const { return srt_ ? srt_->port() : 0; }
  /// Nobody new gets in; who is connected still hears what is sent.
  void stop_listening() {
    listener_.reset();
    srt_.reset();
  }

 private:
  HttpServer(const Config& config, MediaServer& media, RoomRegistry& registry);
  void add_routes();
  void respond(const std::shared_ptr<HttpExchange>& exchange);
  void respond_resource(const std::shared_ptr<HttpExchange>& exchange);
  void respond_metrics(HttpExchange& exchange);

  MediaServer& media_;
  RoomRegistry& registry_;
  Ref<SoupServer> soup_;
  SessionTable sessions_;
  ResourceTable resources_;
  std::shared_ptr<SourceVisits> sources_;
  std::shared_ptr<Api> api_;
  std::shared_ptr<HlsRoute> hls_;
  std::shared_ptr<SrtIngest> srt_;
  StaticFiles files_;
  std::unique_ptr<WebSocketRoute> sockets_;
  std::unique_ptr<RequestDeadline> deadline_;
  std::uint64_t bodies_refused_ = 0;
  std::unique_ptr<Listener> listener_;
};

}  // namespace rooms
