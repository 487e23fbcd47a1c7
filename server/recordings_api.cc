// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/recordings_api.h"

#include "server/json_fields.h"
#include "server/json_writer.h"
#include "server/names.h"
#include "server/room_control.h"

namespace rooms {
namespace {

constexpr JsonFields::Range kSegmentSeconds{1, 7 * 24 * 3600};
constexpr JsonFields::Range kLastSeconds{1, 3600};
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
  request.mix = read_mix_look(fields);
  request.last = std::chrono::seconds(fields.number_or("lastSeconds", kLastSeconds, 0));
  request.transcode = fields.flag_or("transcode", false);
  if (fields.error()) return *fields.error();
  const auto known = recording_format_named(format);
  if (!known)
    return Error{"recording-format", "There is no format '" + format.substr(0, 64) +
                                         "': mp4, webm, mkv, or auto for what fits the codecs."};
  request.format = *known;
  const bool looks = request.mix.layout || request.mix.size;
  if (looks && (request.kind == "tracks" || request.last > Duration::zero()))
    return Error{"bad-field",
                 "'layout' and 'size' are of a recording of kind 'composite' of what comes."};
  if (request.transcode && (request.kind != "tracks" || request.format != RecordingFormat::kMp4 ||
                            request.last > Duration::zero()))
    return Error{"bad-field",
                 "'transcode' is of a recording of kind 'tracks' in format 'mp4' of what comes."};
  if (!request.name.empty())
    if (auto named = check_name("name", request.name); !named) return named.error();
  return request;
}

std::shared_ptr<RecordingFolder> make_recording_folder() {
  return std::make_shared<RecordingFolder>(RecordingFolder::Parts{
      "recordings", read_recording_request,
      [](JsonWriter& out, const RecordingInfo& info) { out.raw(info.json); },
      &Room::start_recording, &Room::stop_recording, &Room::recording, &Room::recordings});
}

}  // namespace rooms
