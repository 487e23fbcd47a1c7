// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/api.h"

#include <algorithm>
#include <optional>

#include "server/http_rules.h"
#include "server/json_writer.h"
#include "server/recording_files.h"
#include "server/room_control.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

constexpr const char* kJson = "application/json";
constexpr std::string_view kRooms = "/api/rooms";
constexpr std::string_view kRecordings = "/recordings";
constexpr std::string_view kPushes = "/push";
constexpr std::string_view kSources = "/sources";
constexpr std::string_view kTaps = "/taps";

bool reads(HttpExchange& exchange, const std::string& allowed) {
  if (exchange.method() == "GET" || exchange.method() == "HEAD") return true;
  exchange.refuse_method(allowed);
  return false;
}

/// What stands behind `folder` and a slash; empty: the folder itself; nullopt: something else.
std::optional<std::string> name_below(const std::string& path, std::string_view folder) {
  if (!path.starts_with(folder)) return std::nullopt;
  if (path.size() == folder.size()) return std::string();
  if (path[folder.size()] != '/') return std::nullopt;
  return path.substr(folder.size() + 1);
}

}  // namespace

Api::Api(RoomRegistry& registry, std::function<std::string()> media_stats, std::string recordings,
         const std::shared_ptr<SourceVisits>& visits, RtmpHookSettings hook)
    : registry_(registry),
      media_stats_(std::move(media_stats)),
      recordings_root_(std::move(recordings)),
      recordings_(make_recording_folder()),
      pushes_(make_push_folder()),
      sources_(registry, visits),
      rtmp_hook_(std::make_shared<RtmpHook>(std::move(hook), visits)),
      taps_(make_tap_folder()),
      started_(server_thread::now()) {}

void Api::respond(const std::shared_ptr<HttpExchange>& exchange) {
  const std::string& path = exchange->path();
  if (path.starts_with("/api/rooms/"))
    if (const auto file = recording_file_path(std::string_view(path).substr(kRooms.size() + 1)))
      return respond_with_recording(*exchange, recordings_root_, *file);
  exchange->add_header("Cache-Control", "no-store");
  if (path == "/api/health") return respond_health(*exchange);
  if (path == "/api/hooks/rtmp") return rtmp_hook_->respond(exchange);
  if (path == kRooms || path == "/api/rooms/") return respond_rooms(*exchange);
  if (path.starts_with("/api/rooms/")) {
    return respond_room(exchange, path.substr(kRooms.size() + 1));
  }
  exchange->refuse(SOUP_STATUS_NOT_FOUND,
                   {"not-found",
                    "There are /api/health, /api/rooms, /api/rooms/{room}, "
                    "/api/rooms/{room}/recordings, push, sources and taps."});
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
  if (const auto source = name_below(below, kSources)) {
    return sources_.respond(exchange, id, *source);
  }
  const auto room = registry_.find(id);
  if (!room) {
    return exchange->refuse(SOUP_STATUS_NOT_FOUND,
                            {"room-unknown", "There is no room '" + id.substr(0, 64) + "'."});
  }
  if (const auto recording = name_below(below, kRecordings))
    return recordings_->respond(exchange, room, *recording);
  if (const auto push = name_below(below, kPushes)) return pushes_->respond(exchange, room, *push);
  if (const auto tap = name_below(below, kTaps)) return taps_->respond(exchange, room, *tap);
  if (!below.empty()) {
    return exchange->refuse(
        SOUP_STATUS_NOT_FOUND,
        {"not-found", "A room has recordings, push, sources and taps, and nothing else below it."});
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
