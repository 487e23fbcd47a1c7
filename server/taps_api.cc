// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/taps_api.h"

#include "server/json_fields.h"
#include "server/json_writer.h"

namespace rooms {
namespace {

void write_tap(JsonWriter& out, const TapInfo& tap) {
  out.object([&] {
    out.field("id", tap.id).field("track", tap.track).field("media", name_of(tap.kind));
    out.field("pipeline", tap.pipeline).field("raw", tap.raw).field("state", tap.state);
    out.field("reason", tap.reason).field("frames", tap.frames);
    out.field("droppedFrames", tap.dropped);
  });
}

}  // namespace

Result<TapRequest> read_tap_request(const std::string& body) {
  const auto tree = parse_json_object(body);
  if (!tree) return tree.error();
  JsonFields fields(json_node_get_object(tree->get()));
  TapRequest request;
  request.track = fields.text("track");
  request.pipeline = fields.text("pipeline");
  request.raw = fields.flag_or("raw", false);
  const auto media = fields.text_or("media", "video");
  if (fields.error()) return *fields.error();
  if (media != "video" && media != "audio")
    return Error{"bad-field", "'media' should be 'video' or 'audio'; it is for 'mix' only."};
  request.kind = media == "audio" ? MediaKind::kAudio : MediaKind::kVideo;
  return request;
}

std::shared_ptr<TapFolder> make_tap_folder() {
  return std::make_shared<TapFolder>(TapFolder::Parts{"taps", read_tap_request, write_tap,
                                                      &Room::start_tap, &Room::stop_tap, &Room::tap,
                                                      &Room::taps});
}

}  // namespace rooms
