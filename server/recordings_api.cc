// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/recordings_api.h"

#include "server/http_rules.h"
#include "server/json_fields.h"
#include "server/json_writer.h"
#include "server/names.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

constexpr const char* kJson = "application/json";
constexpr JsonFields::Range kSegmentSeconds{1, 7 * 24 * 3600};
constexpr JsonFields::Range kSegmentBytes{100'000, std::int64_t{1} << 40};

}  // namespace

Result<RecordingRequest> read_recording_request(const std::string& body) {
  const auto tree = parse_json_object(body.empty() ? "{}" : body);
  if (!tree) return tree.error();
  JsonFields fields(json_node_get_object(tree->get()));
  RecordingRequest request;
  request.kind = fields.text_or("kind", request.kind);
  const auto format = fields.text_or("format", "auto");
  request.name = fields.text_or("name", "");
  request.segment_time =
      std::chrono::seconds(fields.number_or("segmentSeconds", kSegmentSeconds, 0));
  request.segment_bytes =
      static_cast<std::uint64_t>(fields.number_or("segmentBytes", kSegmentBytes, 0));
  if (fields.error()) return *fields.error();
  const auto known = recording_format_named(format);
  if (!known)
    return Error{"recording-format", "There is no format '" + format.substr(0, 64) +
                                         "': mp4, webm, mkv, or auto for what fits the codecs."};
  request.format = *known;
  if (!request.name.empty())
    if (auto named = check_name("name", request.name); !named) return named.error();
  return request;
}

void RecordingsApi::respond(const std::shared_ptr<HttpExchange>& exchange,
                            const std::shared_ptr<Room>& room, const std::string& id) {
  const auto method = exchange->method();
  const bool reads = method == "GET" || method == "HEAD";
  if (id.empty()) {
    if (method == "POST") return start(exchange, *room);
    if (reads) return list(exchange, *room);
    return exchange->refuse_method("GET, HEAD, POST");
  }
  if (reads) return room->recording(id, answer(exchange));
  if (method == "DELETE") return room->stop_recording(id, answer(exchange));
  exchange->refuse_method("GET, HEAD, DELETE");
}

Reply<RecordingInfo> RecordingsApi::answer(const std::shared_ptr<HttpExchange>& exchange) {
  const auto number = waiting_.park(exchange);
  return server_thread::reply_to<RecordingInfo>(
      shared_from_this(), [number](RecordingsApi& self, const Result<RecordingInfo>& info) {
        const auto waiting = self.waiting_.take(number);
        if (!waiting) return;
        if (!info) return waiting->refuse(status_of(info.error()), info.error());
        if (waiting->method() != "POST") return waiting->respond(SOUP_STATUS_OK, kJson, info->json);
        waiting->add_header("Location", waiting->path() + "/" + info->id);
        waiting->respond(SOUP_STATUS_CREATED, kJson, info->json);
      });
}

void RecordingsApi::start(const std::shared_ptr<HttpExchange>& exchange, Room& room) {
  // What a form of another site cannot send: no page may record a room of a server that its
  // visitor reaches.
  const auto type = exchange->header("Content-Type");
  if (!type || !is_media_type(*type, kJson)) {
    return exchange->refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                            {"content-type", "POST a JSON object as application/json."});
  }
  auto request = read_recording_request(exchange->body());
  if (!request) return exchange->refuse(status_of(request.error()), request.error());
  room.start_recording(std::move(*request), answer(exchange));
}

void RecordingsApi::list(const std::shared_ptr<HttpExchange>& exchange, Room& room) {
  const auto number = waiting_.park(exchange);
  room.recordings(server_thread::reply_to<std::vector<RecordingInfo>>(
      shared_from_this(),
      [number](RecordingsApi& self, const Result<std::vector<RecordingInfo>>& infos) {
        const auto waiting = self.waiting_.take(number);
        if (!waiting) return;
        if (!infos) return waiting->refuse(status_of(infos.error()), infos.error());
        JsonWriter out;
        out.object([&] {
          out.name("recordings").list(*infos, [&](const auto& info) { out.raw(info.json); });
        });
        waiting->respond(SOUP_STATUS_OK, kJson, out.take());
      }));
}

}  // namespace rooms
