// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/media_resource.h"

#include <utility>

#include "server/http_rules.h"
#include "server/log.h"
#include "server/resource_table.h"
#include "server/server_thread.h"
#include "server/token.h"

namespace rooms {
namespace {

/// From 201 to the first connection: who never comes leaves nothing behind.
constexpr auto kTimeToConnect = std::chrono::seconds(30);
constexpr std::size_t kMostPatches = 16;
constexpr const char* kFragment = "application/trickle-ice-sdpfrag";

std::string fresh_entity_tag() { return "\"" + fresh_token().substr(0, 16) + "\""; }

/// Lives in the room, on whose thread it is called; the resource may be gone by then.
class ResourceListener : public RoomListener {
 public:
  explicit ResourceListener(std::weak_ptr<MediaResource> resource)
      : resource_(std::move(resource)) {}
  void on_room_event(const RoomEvent& event) override {
    // The rest is for people in the room; a publisher or player by HTTP has no way to hear of it.
    if (!std::holds_alternative<event::ConnectionChanged>(event)) return;
    server_thread::post([resource = resource_, event] {
      if (auto alive = resource.lock()) alive->observe(event);
    });
  }

 private:
  std::weak_ptr<MediaResource> resource_;
};

}  // namespace

MediaResource::MediaResource(ResourceTable& table, std::string token)
    : table_(table), token_(std::move(token)), entity_tag_(fresh_entity_tag()) {}

void MediaResource::create(std::shared_ptr<HttpExchange> exchange, ResourceRequest request) {
  request_ = std::move(request);
  creation_ = std::move(exchange);
  creation_->hold();
  auto visit = table_.registry().enter(request_.room, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->room_closing();
  });
  if (!visit) return fail(visit.error());
  visit_ = std::move(*visit);

  const bool publishes = request_.role == ConnectionRole::kPublish;
  JoinRequest join;
  join.name = request_.participant.empty() ? (publishes ? "whip" : "whep") : request_.participant;
  join.id = request_.participant;
  join.take_over = publishes && !request_.participant.empty();
  join.hidden = !publishes;
  join.listener = std::make_shared<ResourceListener>(weak_from_this());
  // Who was ended before the room answered has joined all the same, and must be taken out again.
  auto reply = [weak = weak_from_this(), room = std::weak_ptr<Room>(visit_.room()),
                superseded = superseded_](Result<JoinReply> result) {
    server_thread::post([weak, room, superseded, result = std::move(result)]() mutable {
      auto self = weak.lock();
      if (self && !self->ended_) return self->joined(std::move(result));
      auto alive = room.lock();
      if (alive && result && !*superseded) alive->leave(result->self.id, "vanished");
    });
  };
  visit_.room()->join(std::move(join), std::move(reply));
}

void MediaResource::joined(Result<JoinReply> result) {
  if (!result) return fail(result.error());
  participant_ = result->self.id;
  if (request_.role == ConnectionRole::kPublish) {
    visit_.room()->publish(
        participant_, std::move(request_.offer), {},
        server_thread::reply_to<PublishReply>(shared_from_this(),
                                              [](MediaResource& self, Result<PublishReply> reply) {
                                                if (reply)
                                                  return self.negotiated(std::move(reply->sdp));
                                                self.negotiated(reply.error());
                                              }));
    return;
  }
  visit_.room()->play(participant_, {std::move(request_.offer), request_.shown, request_.mode, request_.mix_height},
                      server_thread::reply_to<std::string>(
                          shared_from_this(), [](MediaResource& self, Result<std::string> answer) {
                            self.negotiated(std::move(answer));
                          }));
}

void MediaResource::negotiated(Result<std::string> answer) {
  if (ended_) return;
  if (!answer) return fail(answer.error());
  // Nobody will ever learn the address of this resource, so nobody could delete it.
  if (creation_->client_gone()) return fail({"vanished", "The client went away."});
  const auto exchange = std::exchange(creation_, nullptr);
  exchange->add_header("Location", path());
  exchange->add_header("ETag", entity_tag_);
  exchange->add_header("Accept-Patch", kFragment);
  for (const auto& server : table_.ice_servers(participant_)) {
    exchange->add_header("Link", ice_server_link(server));
  }
  exchange->respond(SOUP_STATUS_CREATED, "application/sdp", *answer);
  log_info("room " + request_.room + ": " + participant_ +
           (request_.role == ConnectionRole::kPublish ? " publishes by WHIP" : " plays by WHEP"));
  connecting_ = server_thread::call_later(kTimeToConnect, [this] { end("never connected"); });
}

void MediaResource::respond(std::shared_ptr<HttpExchange> exchange) {
  if (exchange->method() == "PATCH") return patch(std::move(exchange));
  if (exchange->method() == "DELETE") {
    end("left");
    return exchange->respond(SOUP_STATUS_OK);
  }
  exchange->refuse_method("OPTIONS, PATCH, DELETE");
}

/// RFC 9725 4.3: the entity tag names the ICE session that a candidate belongs to.
void MediaResource::patch(std::shared_ptr<HttpExchange> exchange) {
  const auto type = exchange->header("Content-Type");
  if (!type || !is_media_type(*type, kFragment)) {
    exchange->add_header("Accept-Patch", kFragment);
    return exchange->refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                            {"content-type", "A PATCH here is application/trickle-ice-sdpfrag."});
  }
  const auto match = exchange->header("If-Match");
  if (!match) {
    return exchange->refuse(428,
                            {"if-match-missing",
                             "Send If-Match: with the ETag of the 201 for a candidate, with * for"
                             " an ICE restart."});
  }
  if (!if_match(*match, entity_tag_)) {
    return exchange->refuse(
        SOUP_STATUS_PRECONDITION_FAILED,
        {"if-match", "This is for an ICE session that has been restarted since."});
  }
  if (participant_.empty() || patches_.size() >= kMostPatches) {
    return exchange->refuse(SOUP_STATUS_SERVICE_UNAVAILABLE,
                            {"busy", "The answers to earlier requests are still to come."});
  }
  std::string fragment = exchange->body();
  const auto parked = patches_.park(std::move(exchange));
  visit_.room()->trickle(
      participant_, request_.role, std::move(fragment),
      server_thread::reply_to<std::string>(
          shared_from_this(), [parked](MediaResource& self, Result<std::string> reply) {
            self.patched(parked, std::move(reply));
          }));
}

void MediaResource::patched(std::uint64_t parked, Result<std::string> fragment) {
  const auto exchange = patches_.take(parked);
  if (!exchange) return;
  if (!fragment) return exchange->refuse(status_of(fragment.error()), fragment.error());
  if (fragment->empty()) return exchange->respond(SOUP_STATUS_NO_CONTENT);
  entity_tag_ = fresh_entity_tag();
  exchange->add_header("ETag", entity_tag_);
  exchange->respond(SOUP_STATUS_OK, kFragment, *fragment);
}

void MediaResource::observe(const RoomEvent& event) {
  const auto* changed = std::get_if<event::ConnectionChanged>(&event);
  if (!changed || changed->role != request_.role || ended_) return;
  switch (changed->state) {
    case ConnectionState::kNew:
      return;
    case ConnectionState::kConnected:
      return connecting_.cancel();
    case ConnectionState::kFailed:
    case ConnectionState::kClosed:
      return end(changed->reason.empty() ? "connection closed" : changed->reason);
  }
}

void MediaResource::room_closing() {
  participant_.clear();
  fail({"room-closing", "The room was closed, or the server is shutting down."});
}

bool MediaResource::is_publisher(const std::string& room, const std::string& participant) const {
  return !ended_ && request_.role == ConnectionRole::kPublish && request_.room == room &&
         request_.participant == participant && !participant.empty();
}

void MediaResource::superseded() {
  *superseded_ = true;
  participant_.clear();
  end("published anew");
}

void MediaResource::fail(const Error& error) {
  if (const auto exchange = std::exchange(creation_, nullptr)) {
    exchange->refuse(status_of(error), error);
  }
  end(error.message);
}

void MediaResource::end(const std::string& reason) {
  if (std::exchange(ended_, true)) return;
  const auto self = shared_from_this();
  log_info("room " + request_.room + ": " + (participant_.empty() ? "a resource" : participant_) +
           " ended: " + reason);
  connecting_.cancel();
  if (creation_) creation_->refuse(SOUP_STATUS_CONFLICT, {"superseded", reason});
  creation_.reset();
  patches_.refuse_all(SOUP_STATUS_NOT_FOUND,
                      {"resource-ended", "This resource has ended: " + reason});
  if (visit_ && !participant_.empty()) visit_.room()->leave(participant_, reason);
  participant_.clear();
  visit_.leave();
  table_.drop(token_);
}

}  // namespace rooms
