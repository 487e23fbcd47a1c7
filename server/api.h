// SPDX-License-Identifier: LGPL-2.1-or-later
// `/api`: what is going on, for programs and people who run the server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/http_exchange.h"
#include "server/push_api.h"
#include "server/recordings_api.h"
#include "server/room_registry.h"
#include "server/rtmp_hook.h"
#include "server/sources_api.h"
#include "server/taps_api.h"

namespace rooms {

class Api : public std::enable_shared_from_this<Api> {
 public:
  /// `media_stats`: the counters of the media sockets as one JSON object. `recordings`: the folder
  /// of all recordings; empty: there are none.
  Api(RoomRegistry& registry, std::function<std::string()> media_stats, std::string recordings,
      const std::shared_ptr<SourceVisits>& visits, RtmpHookSettings hook);

  void respond(const std::shared_ptr<HttpExchange>& exchange);

 private:
  void respond_health(HttpExchange& exchange) const;
  void respond_rooms(HttpExchange& exchange) const;
  void respond_room(const std::shared_ptr<HttpExchange>& exchange, const std::string& path);
  void control_room(const std::shared_ptr<HttpExchange>& exchange, Room& room);

  RoomRegistry& registry_;
  std::function<std::string()> media_stats_;
  std::string recordings_root_;
  std::shared_ptr<RecordingFolder> recordings_;
  std::shared_ptr<PushFolder> pushes_;
  SourcesApi sources_;
  std::shared_ptr<RtmpHook> rtmp_hook_;
  std::shared_ptr<TapFolder> taps_;
  ParkedExchanges waiting_;
  Timestamp started_;
};

}  // namespace rooms
