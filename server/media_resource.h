// SPDX-License-Identifier: LGPL-2.1-or-later
// One WHIP publisher or WHEP player: a participant whose life is an HTTP resource (RFC 9725 4.2,
// draft-ietf-wish-whep). Server thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/glue/executor.h"
#include "pipelines/room.h"
#include "server/http_exchange.h"
#include "server/room_registry.h"

namespace rooms {

class ResourceTable;

struct ResourceRequest {
  ConnectionRole role = ConnectionRole::kPublish;
  std::string room;
  /// WHIP: who it is, empty for anybody.
  std::string participant;
  /// WHEP: whom to show, in this order; empty: whoever speaks.
  std::vector<std::string> shown;
  /// WHEP: kMix for one picture and one sound of the room; nullopt: as the room is meant.
  std::optional<MixMode> mode;
  int mix_height = 0;  ///< WHEP: as of PlayRequest
  std::string offer;
};

class MediaResource : public std::enable_shared_from_this<MediaResource> {
 public:
  MediaResource(ResourceTable& table, std::string token);
  MediaResource(const MediaResource&) = delete;
  MediaResource& operator=(const MediaResource&) = delete;

  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] ConnectionRole role() const { return request_.role; }
  [[nodiscard]] std::string path() const { return "/resource/" + token_; }

  /// Once, first: answers the POST with 201, or with what went wrong, after which the resource is
  /// gone.
  void create(std::shared_ptr<HttpExchange> exchange, ResourceRequest request);
  /// PATCH and DELETE, with all their preconditions.
  void respond(std::shared_ptr<HttpExchange> exchange);
  /// The connection of this resource failed, closed or came up.
  void observe(const RoomEvent& event);
  void room_closing();

  /// Whether a new publisher of this name is this one come back.
  [[nodiscard]] bool is_publisher(const std::string& room, const std::string& participant) const;
  /// The room gives our place to another: gone, without taking that other's place down with us.
  void superseded();

 private:
  void joined(Result<JoinReply> result);
  void negotiated(Result<std::string> answer);
  void patch(std::shared_ptr<HttpExchange> exchange);
  void patched(std::uint64_t parked, Result<std::string> fragment);
  void fail(const Error& error);
  void end(const std::string& reason);

  ResourceTable& table_;
  const std::string token_;
  ResourceRequest request_;
  RoomVisit visit_;
  std::string participant_;  ///< empty: not in the room, or not any more
  std::string entity_tag_;   ///< changes with the ICE session
  std::shared_ptr<HttpExchange> creation_;
  ParkedExchanges patches_;
  DelayedCall connecting_;
  bool ended_ = false;
  /// Outlives us in the reply to join: whether somebody else has our place, and must not be taken
  /// out for us.
  std::shared_ptr<bool> superseded_ = std::make_shared<bool>(false);
};

}  // namespace rooms
