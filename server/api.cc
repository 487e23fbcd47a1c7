// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/api.h"

#include <algorithm>

#include "server/http_rules.h"
#include "server/json_writer.h"
#include "server/room_control.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

constexpr const char* kJson = "application/json";
constexpr std::string_view kRooms = "/api/rooms";
constexpr std::string_view kRecordings = "/recordings";

bool reads(HttpExchange& exchange, const std::string& allowed) {
  if (exchange.method() == "GET" || exchange.method() == "HEAD") return true;
  exchange.refuse_method(allowed);
  return false;
}

}  // namespace

Api::Api(RoomRegistry& registry, std::function<std::string()> media_stats)
    : registry_(registry),
      media_stats_(std::move(media_stats)),
      recordings_(std::make_shared<RecordingsApi>()),
      started_(server_thread::now()) {}

void Api::respond(const std::shared_ptr<HttpExchange>& exchange) {
  exchange->add_header("Cache-Control", "no-store");
  const std::string& path = exchange->path();
  if (path == "/api/health") return respond_health(*exchange);
  if (path == kRooms || path == "/api/rooms/") return respond_rooms(*exchange);
  if (path.starts_with("/api/rooms/")) {
    return respond_room(exchange, path.substr(kRooms.size() + 1));
  }
  exchange->refuse(SOUP_STATUS_NOT_FOUND,
                   {"not-found",
                    "There are /api/health, /api/rooms, /api/rooms/{room} and "
                    "/api/rooms/{room}/recordings."});
}

void Api::respond_health(HttpExchange& exchange) const {
  if (!reads(exchange, "GET, HEAD")) return;
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(server_thread::now() - started_);
  JsonWriter out;
  out.object([&] {
    out.field("status", "ok").field("version", GST_ROOMS_VERSION);
    out.field("uptime", uptime.count()).field("rooms", registry_.rooms().size());
    out.field("participants", registry_.visitor_count());
  });
  exchange.respond(SOUP_STATUS_OK, kJson, out.take());
}

void Api::respond_rooms(HttpExchange& exchange) const {
  if (!reads(exchange, "GET, HEAD")) return;
  JsonWriter out;
  out.object([&] {
    out.name("rooms").list(registry_.rooms(), [&](const RoomSummary& room) {
      out.object([&] { out.field("id", room.id).field("participants", room.visitors); });
    });
    out.name("media").raw(media_stats_());
  });
  exchange.respond(SOUP_STATUS_OK, kJson, out.take());
}

void Api::respond_room(const std::shared_ptr<HttpExchange>& exchange, const std::string& path) {
  const auto slash = std::min(path.find('/'), path.size());
  const std::string id = path.substr(0, slash);
  const std::string below = path.substr(slash);
  const auto room = registry_.find(id);
  if (!room) {
    return exchange->refuse(SOUP_STATUS_NOT_FOUND,
                            {"room-unknown", "There is no room '" + id.substr(0, 64) + "'."});
  }
  if (below == kRecordings || below.starts_with(std::string(kRecordings) + "/")) {
    const auto recording = below.substr(std::min(kRecordings.size() + 1, below.size()));
    return recordings_->respond(exchange, room, recording);
  }
  if (!below.empty()) {
    return exchange->refuse(SOUP_STATUS_NOT_FOUND,
                            {"not-found", "A room has recordings, and nothing else below it."});
  }
  if (exchange->method() == "DELETE") {
    registry_.close(id);
    return exchange->respond(SOUP_STATUS_NO_CONTENT);
  }
  if (exchange->method() == "PATCH") return control_room(exchange, *room);
  if (!reads(*exchange, "GET, HEAD, PATCH, DELETE")) return;
  const auto number = waiting_.park(exchange);
  room->stats(server_thread::reply_to<RoomStats>(
      shared_from_this(), [number](Api& self, const Result<RoomStats>& stats) {
        const auto waiting = self.waiting_.take(number);
        if (!waiting) return;
        if (!stats) return waiting->refuse(status_of(stats.error()), stats.error());
        waiting->respond(SOUP_STATUS_OK, kJson, stats->json);
      }));
}

void Api::control_room(const std::shared_ptr<HttpExchange>& exchange, Room& room) {
  if (!is_media_type(exchange->header("Content-Type").value_or(""), kJson)) {
    return exchange->refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                            {"media-type", "What to change should come as application/json."});
  }
  auto control = parse_room_control(exchange->body());
  if (!control) return exchange->refuse(status_of(control.error()), control.error());
  const auto number = waiting_.park(exchange);
  room.control(std::move(*control),
               server_thread::reply_to<Done>(
                   shared_from_this(), [number](Api& self, const Result<Done>& done) {
                     const auto waiting = self.waiting_.take(number);
                     if (!waiting) return;
                     if (!done) return waiting->refuse(status_of(done.error()), done.error());
                     waiting->respond(SOUP_STATUS_NO_CONTENT);
                   }));
}

}  // namespace rooms
