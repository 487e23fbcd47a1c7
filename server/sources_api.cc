// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/sources_api.h"

#include "server/json_fields.h"
#include "server/json_writer.h"
#include "server/names.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestName = 64;

Result<SourceTransport> transport_named(const std::string& name) {
  if (name == "auto") return SourceTransport::kAuto;
  if (name == "udp") return SourceTransport::kUdp;
  if (name == "tcp") return SourceTransport::kTcp;
  return Error{"bad-field", "'transport' should be 'auto', 'udp' or 'tcp'."};
}

void write_source(JsonWriter& out, const SourceInfo& info) {
  out.object([&] {
    out.field("id", info.id).field("name", info.name).field("uri", info.uri);
    out.name("participant");
    if (info.participant.empty())
      out.null();
    else
      out.value(info.participant);
    out.field("state", info.state).field("reason", info.reason).field("loop", info.loop);
    out.field("connectionsLost", info.connections_lost);
    out.name("tracks").list(info.tracks, [&](const SourceInfo::Track& track) {
      out.object([&] {
        out.field("id", track.id).field("kind", name_of(track.kind)).field("codec", track.codec);
        out.field("from", track.from).field("encoded", track.encodes);
        out.field("packets", track.packets);
      });
    });
  });
}

}  // namespace

Result<SourceRequest> read_source_request(const std::string& body) {
  const auto tree = parse_json_object(body);
  if (!tree) return tree.error();
  JsonFields fields(json_node_get_object(tree->get()));
  SourceRequest request;
  request.uri = fields.text("uri");
  request.name = fields.text_or("name", "");
  request.participant = fields.text_or("participant", "");
  const auto transport = fields.text_or("transport", "auto");
  request.reencode = fields.flag_or("reencode", false);
  request.loop = fields.flag_or("loop", false);
  if (fields.error()) return *fields.error();
  if (request.name.size() > kLongestName)
    return Error{"bad-field", "'name' should have at most 64 bytes."};
  if (!request.participant.empty())
    if (auto named = check_name("participant", request.participant); !named) return named.error();
  const auto known = transport_named(transport);
  if (!known) return known.error();
  request.transport = *known;
  return request;
}

SourcesApi::SourcesApi(RoomRegistry& registry, std::shared_ptr<SourceVisits> visits)
    : registry_(registry),
      visits_(std::move(visits)),
      folder_(std::make_shared<Folder>(Folder::Parts{"sources", read_source_request, write_source,
                                                     &Room::start_source, &Room::stop_source,
                                                     &Room::source, &Room::sources})) {}

void SourcesApi::respond(const std::shared_ptr<HttpExchange>& exchange, const std::string& room,
                         const std::string& id) {
  if (id.empty() && exchange->method() == "POST") {
    if (auto request = folder_->read(*exchange))
      visits_->start(room, std::move(*request), folder_->answer(exchange));
    return;
  }
  const auto found = registry_.find(room);
  if (found) return folder_->respond(exchange, found, id);
  exchange->refuse(SOUP_STATUS_NOT_FOUND,
                   {"room-unknown", "There is no room '" + room.substr(0, 64) + "'."});
}

}  // namespace rooms
