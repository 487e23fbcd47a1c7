// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/hls_route.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "server/http_rules.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

using State = HlsAnswer::State;
using Kind = HlsAnswer::Kind;

/// The encoder's start, a segment, and the keyframe that ends it.
constexpr Duration kFirstSegmentPatience = std::chrono::seconds(10);
constexpr Duration kLookForLate = std::chrono::milliseconds(500);
constexpr const char* kPlaylistType = "application/vnd.apple.mpegurl";
constexpr const char* kImmutable = "public, max-age=31536000, immutable";
constexpr const char* kShort = "public, max-age=1";

Error no_file() {
  return {"not-found",
          "Play /hls/{room}/index.m3u8 or /hls/{room}/{participant}/index.m3u8. What else is there "
          "stands in it; segments that have left "
          "the window, and those of an earlier run, are gone."};
}

void add_headers(HttpExchange& exchange) {
  exchange.add_header("Access-Control-Allow-Origin", "*");
  exchange.add_header("Access-Control-Expose-Headers", "Content-Length, Content-Range, Date, ETag");
}

void respond_to_preflight(HttpExchange& exchange) {
  exchange.add_header("Allow", "GET, HEAD, OPTIONS");
  exchange.add_header("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
  exchange.add_header("Access-Control-Allow-Headers",
                      "Authorization, Range, If-None-Match, If-Range, Cache-Control");
  exchange.add_header("Access-Control-Max-Age", "86400");
  exchange.respond(SOUP_STATUS_NO_CONTENT);
}

/// False: there is one, and it is no number.
bool read_directive(const HttpExchange& exchange, const char* name,
                    std::optional<std::uint64_t>& value) {
  const auto text = exchange.query(name);
  if (text.empty()) return true;
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  value = number;
  return problem == std::errc{} && end == text.data() + text.size();
}

const char* media_type_of(std::string_view file) {
  return file.starts_with("a") ? "audio/mp4" : "video/mp4";
}

void refuse(HttpExchange& exchange, unsigned status, const Error& error) {
  exchange.add_header("Cache-Control",
                      status == SOUP_STATUS_SERVICE_UNAVAILABLE ? "no-store" : kShort);
  exchange.refuse(status, error);
}

/// "room/file" or "room/participant/file"; nullopt: neither.
struct Address {
  std::string room;
  std::string participant;
  std::string file;
};
std::optional<Address> read_address(std::string_view path) {
  path.remove_prefix(std::min(path.size(), std::string_view("/hls/").size()));
  const auto first = path.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const auto last = path.rfind('/');
  Address address{std::string(path.substr(0, first)), {}, std::string(path.substr(last + 1))};
  if (last == first) return address;
  address.participant = path.substr(first + 1, last - first - 1);
  if (address.participant.empty() || address.participant.find('/') != std::string::npos)
    return std::nullopt;
  return address;
}

}  // namespace

void HlsRoute::respond(const Exchange& exchange) {
  add_headers(*exchange);
  if (exchange->method() == "OPTIONS") return respond_to_preflight(*exchange);
  if (exchange->method() != "GET" && exchange->method() != "HEAD")
    return exchange->refuse_method("GET, HEAD, OPTIONS");
  const auto address = read_address(exchange->path());
  if (!address) return refuse(*exchange, SOUP_STATUS_NOT_FOUND, no_file());
  Request request{exchange, address->room, address->participant, address->file, {}};
  if (!read_directive(*exchange, "_HLS_msn", request.reload.segment) ||
      !read_directive(*exchange, "_HLS_part", request.reload.part))
    return refuse(*exchange, SOUP_STATUS_BAD_REQUEST,
                  {"bad-field", "_HLS_msn and _HLS_part should be whole numbers."});
  if (const auto known = streams_.find(request.folder()); known != streams_.end()) {
    if (!known->second->has_ended()) return answer_or_park(std::move(request), known->second);
    streams_.erase(known);
  }
  // Only who begins to watch has it made.
  if (request.file != kHlsIndex) return refuse(*exchange, SOUP_STATUS_NOT_FOUND, no_file());
  const auto room = registry_.find(request.room);
  if (!room)
    return refuse(*exchange, SOUP_STATUS_NOT_FOUND,
                  {"room-unknown", "There is no room '" + request.room.substr(0, 64) + "'."});
  open(std::move(request), *room);
}

void HlsRoute::open(Request request, Room& room) {
  const auto number = opening_.park(std::move(request.exchange));
  const auto participant = request.participant;
  room.hls(participant,
           server_thread::reply_to<StreamPtr>(
               shared_from_this(), [number, request = std::move(request)](
                                       HlsRoute& self, const Result<StreamPtr>& stream) {
                 auto opened = request;
                 opened.exchange = self.opening_.take(number);
                 if (!opened.exchange) return;
                 if (!stream)
                   return refuse(*opened.exchange, status_of(stream.error()), stream.error());
                 self.adopt_stream(opened.folder(), *stream);
                 self.answer_or_park(std::move(opened), *stream);
               }));
}

void HlsRoute::adopt_stream(const std::string& folder, const StreamPtr& stream) {
  std::erase_if(streams_, [](const auto& entry) { return entry.second->has_ended(); });
  if (streams_[folder] == stream) return;
  streams_[folder] = stream;
  stream->on_change([weak = weak_from_this(), stream = stream.get()] {
    server_thread::post([weak, stream] {
      if (const auto self = weak.lock()) self->look_again(stream);
    });
  });
}

void HlsRoute::answer_or_park(Request request, const StreamPtr& stream) {
  const auto now = server_thread::now();
  const auto found = stream->answer(request.file, request.reload, now);
  if (answer(request, *stream, found)) return;
  const Duration patience =
      request.file == kHlsIndex ? kFirstSegmentPatience : Duration(3 * stream->target_duration());
  request.exchange->hold();
  waiting_.push_back({std::move(request), stream, now + patience});
  if (!timer_.pending()) timer_ = server_thread::call_every(kLookForLate, [this] { give_up(); });
}

bool HlsRoute::answer(const Request& request, const HlsStream& stream, const HlsAnswer& answer) {
  auto& exchange = *request.exchange;
  if (answer.state == State::kWait) return false;
  if (answer.state == State::kUnknown) {
    refuse(exchange, SOUP_STATUS_NOT_FOUND, no_file());
  } else if (answer.state == State::kWrong) {
    refuse(exchange, SOUP_STATUS_BAD_REQUEST,
           {"bad-field", "_HLS_msn or _HLS_part is further ahead than a playlist tells."});
  } else if (answer.kind == Kind::kPlaylist || answer.kind == Kind::kBlockedPlaylist) {
    // RFC 8216bis B.1: what was waited for is the same for everybody who asks for it.
    const auto age = 6 * stream.target_duration().count();
    exchange.add_header("Cache-Control", answer.kind == Kind::kPlaylist
                                             ? kShort
                                             : "public, max-age=" + std::to_string(age));
    exchange.respond(SOUP_STATUS_OK, kPlaylistType, answer.body);
  } else {
    const std::string tag = "\"" + request.file + "\"";  // never another one's
    exchange.add_header("ETag", tag);
    exchange.add_header("Cache-Control", kImmutable);
    const auto known = exchange.header("If-None-Match");
    if (known && if_none_match_hits(*known, tag)) {
      exchange.respond(SOUP_STATUS_NOT_MODIFIED);
    } else {
      exchange.add_header("Accept-Ranges", "bytes");
      exchange.respond(SOUP_STATUS_OK, media_type_of(request.file), answer.body);
    }
  }
  return true;
}

void HlsRoute::look_again(const HlsStream* stream) {
  const auto now = server_thread::now();
  std::erase_if(waiting_, [&](const Waiting& one) {
    if (one.stream.get() != stream) return false;
    if (one.request.exchange->client_gone()) return true;
    const auto& request = one.request;
    return answer(request, *one.stream, one.stream->answer(request.file, request.reload, now));
  });
}

void HlsRoute::give_up() {
  const auto now = server_thread::now();
  std::erase_if(waiting_, [&](const Waiting& one) {
    if (one.request.exchange->client_gone()) return true;
    if (now < one.until) {
      one.stream->note_viewer(now);
      return false;
    }
    refuse(*one.request.exchange, SOUP_STATUS_SERVICE_UNAVAILABLE,
           {"hls-not-ready", "It is being made, but is not there yet; ask again in a moment."});
    return true;
  });
  if (waiting_.empty()) timer_.cancel();
}

}  // namespace rooms
