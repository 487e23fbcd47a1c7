// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api`: what is going on, for programs and people who run the server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/http_exchange.h"
#include "server/recordings_api.h"
#include "server/room_registry.h"

namespace rooms {

class Api : public std::enable_shared_from_this<Api> {
 public:
  /// `media_stats`: the counters of the media sockets as one JSON object.
  Api(RoomRegistry& registry, std::function<std::string()> media_stats);

  void respond(const std::shared_ptr<HttpExchange>& exchange);

 private:
  void respond_health(HttpExchange& exchange) const;
  void respond_rooms(HttpExchange& exchange) const;
  void respond_room(const std::shared_ptr<HttpExchange>& exchange, const std::string& path);
  void control_room(const std::shared_ptr<HttpExchange>& exchange, Room& room);

  RoomRegistry& registry_;
  std::function<std::string()> media_stats_;
  std::shared_ptr<RecordingsApi> recordings_;
  ParkedExchanges waiting_;
  Timestamp started_;
};

}  // namespace rooms
