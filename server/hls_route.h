// SPDX-License-Identifier: LGPL-2.1-or-later
// `/hls/{room}/..` and `/hls/{room}/{participant}/..`: HTTP Live Streaming of the mix of a room, or
// of one who is in it; docs/hls.md. Asks a room once for a stream, and serves all that comes then
// without it.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "pipelines/hls_stream.h"
#include "server/http_exchange.h"
#include "server/room_registry.h"

namespace rooms {

class HlsRoute : public std::enable_shared_from_this<HlsRoute> {
 public:
  explicit HlsRoute(RoomRegistry& registry) : registry_(registry) {}

  void respond(const std::shared_ptr<HttpExchange>& exchange);

 private:
  using StreamPtr = std::shared_ptr<HlsStream>;
  using Exchange = std::shared_ptr<HttpExchange>;
  struct Request {
    Exchange exchange;
    std::string room;
    std::string participant;  ///< empty: the mix
    std::string file;
    HlsReload reload;

    [[nodiscard]] std::string folder() const { return room + "/" + participant; }
  };
  struct Waiting {
    Request request;
    StreamPtr stream;
    Timestamp until;
  };

  void open(Request request, Room& room);
  void adopt_stream(const std::string& folder, const StreamPtr& stream);
  /// False: it has to wait.
  bool answer(const Request& request, const HlsStream& stream, const HlsAnswer& answer);
  void answer_or_park(Request request, const StreamPtr& stream);
  /// Whoever waits for a stream looks again.
  void look_again(const HlsStream* stream);
  void give_up();

  RoomRegistry& registry_;
  std::map<std::string, StreamPtr> streams_;  // by folder; some may have ended
  ParkedExchanges opening_;
  std::list<Waiting> waiting_;
  DelayedCall timer_;
};

}  // namespace rooms
