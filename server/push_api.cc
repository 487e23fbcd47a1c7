// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/push_api.h"

#include "server/json_fields.h"
#include "server/json_writer.h"
#include "server/room_control.h"

namespace rooms {
namespace {

constexpr JsonFields::Range kBitrate{100'000, 20'000'000};

void write_push(JsonWriter& out, const PushInfo& push) {
  out.object([&] {
    out.field("id", push.id).field("uri", push.uri).field("state", name_of(push.state));
    if (!push.error.code.empty()) out.field("code", push.error.code);
    if (!push.error.message.empty()) out.field("reason", push.error.message);
    out.field("connects", push.connects).field("bytes", push.bytes);
    out.field("droppedFrames", push.dropped);
  });
}

}  // namespace

Result<PushRequest> read_push_request(const std::string& body) {
  const auto tree = parse_json_object(body);
  if (!tree) return tree.error();
  JsonFields fields(json_node_get_object(tree->get()));
  const auto uri = fields.text("uri");
  PushRequest request;
  request.mix = read_mix_look(fields);
  if (fields.has("videoBitrate"))
    request.mix.bitrate = static_cast<std::uint32_t>(fields.number("videoBitrate", kBitrate));
  if (fields.error()) return *fields.error();
  auto address = parse_push_address(uri);
  if (!address) return address.error();
  request.address = std::move(*address);
  return request;
}

std::shared_ptr<PushFolder> make_push_folder() {
  return std::make_shared<PushFolder>(PushFolder::Parts{"pushes", read_push_request, write_push,
                                                        &Room::start_push, &Room::stop_push,
                                                        &Room::push, &Room::pushes});
}

}  // namespace rooms
