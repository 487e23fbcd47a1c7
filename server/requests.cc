// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/requests.h"

#include <algorithm>
#include <array>

#include "server/direct_json.h"
#include "server/json_fields.h"
#include "server/names.h"
#include "server/nearest_name.h"
#include "server/room_control.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestLabel = 64;
constexpr std::size_t kLongestId = 1024;
constexpr std::size_t kMostTracks = 64;
constexpr std::size_t kMostCodecs = 32;
constexpr JsonFields::Range kSlots{0, 128};
constexpr JsonFields::Range kLastN{0, 1000};
constexpr JsonFields::Range kVersions{0, INT32_MAX};
constexpr JsonFields::Range kLayers{0, 7};
constexpr std::size_t kMostViewed = 256;
constexpr std::size_t kMostPinned = 64;
constexpr JsonFields::Range kPixels{0, 16384};
constexpr JsonFields::Range kHeights{1, 16384};
constexpr JsonFields::Range kBitrates{0, 1'000'000'000};
constexpr unsigned kDefaultSlots = 4;

void refuse_if(bool wrong, JsonFields& fields, const char* message) {
  if (wrong) fields.fail({"bad-field", message});
}

Request read_join(JsonFields& fields) {
  request::Join join;
  join.room = fields.text("room");
  join.name = fields.text("name");
  join.participant = fields.text_or("participant", "");
  fields.object_if_any("codecs", [&](JsonFields& codecs) {
    join.audio_codecs = codecs.texts_or_none("audio", kMostCodecs);
    join.video_codecs = codecs.texts_or_none("video", kMostCodecs);
  });
  join.mesh = fields.flag_or("mesh", false);
  if (fields.error()) return join;
  if (auto named = check_name("room", join.room); !named) fields.fail(named.error());
  if (!join.participant.empty()) {
    if (auto named = check_name("participant", join.participant); !named)
      fields.fail(named.error());
  }
  refuse_if(join.name.find_first_not_of(" \t\r\n") == std::string::npos, fields,
            "'name' should not be empty: it is what the others see.");
  refuse_if(join.name.size() > kLongestName, fields, "'name' should be at most 128 bytes long.");
  return join;
}

Request read_resume(JsonFields& fields) { return request::Resume{fields.text("session")}; }

Request read_publish(JsonFields& fields) {
  request::Publish publish;
  publish.sdp = fields.text("sdp");
  fields.objects("tracks", kMostTracks, [&](JsonFields& track) {
    const std::string mid = track.text("mid");
    TrackLabel label{track.text_or("label", ""), track.flag_or("muted", false)};
    refuse_if(label.label.size() > kLongestLabel, track,
              "'label' should be at most 64 bytes long.");
    refuse_if(publish.labels.contains(mid), track, "'tracks' should name each mid only once.");
    publish.labels[mid] = std::move(label);
  });
  return publish;
}

Request read_unpublish(JsonFields&) { return request::Unpublish{}; }

std::optional<MixMode> read_mode(JsonFields& fields) {
  const auto mode = fields.text_or("mode", "");
  if (mode.empty()) return std::nullopt;
  if (mode == "tracks") return MixMode::kTracks;
  if (mode == "mix") return MixMode::kMix;
  if (mode == "hybrid") return MixMode::kHybrid;
  fields.fail({"bad-field", "'mode' should be 'tracks', 'mix' or 'hybrid'."});
  return std::nullopt;
}

Request read_subscribe(JsonFields& fields) {
  request::Subscribe subscribe;
  subscribe.slots.audio_slots =
      static_cast<unsigned>(fields.number_or("audio", kSlots, kDefaultSlots));
  subscribe.slots.video_slots =
      static_cast<unsigned>(fields.number_or("video", kSlots, kDefaultSlots));
  subscribe.slots.data = fields.flag_or("data", true);
  if (const auto last_n = fields.number_or("lastN", kLastN, -1); last_n >= 0)
    subscribe.slots.last_n = static_cast<unsigned>(last_n);
  subscribe.slots.mode = read_mode(fields);
  const auto height = fields.number_or("height", kHeights, 0);
  if (const auto checked = check_mix_height(height); !checked) fields.fail(checked.error());
  subscribe.slots.mix_height = static_cast<int>(height);
  return subscribe;
}

Request read_answer(JsonFields& fields) {
  return request::Answer{fields.text("sdp"), fields.number("version", kVersions)};
}

Request read_restart(JsonFields& fields) {
  const std::string connection = fields.text("connection");
  refuse_if(connection != "subscribe", fields,
            "'connection' should be 'subscribe'; the publish connection restarts with a new"
            " 'publish' offer.");
  return request::Restart{};
}

Request read_candidate(JsonFields& fields) {
  const std::string connection = fields.text("connection");
  refuse_if(connection != "publish" && connection != "subscribe", fields,
            "'connection' should be 'publish' or 'subscribe'.");
  const auto role =
      connection == "subscribe" ? ConnectionRole::kSubscribe : ConnectionRole::kPublish;
  return request::Candidate{role, fields.text("candidate")};
}

Request read_mute(JsonFields& fields) {
  return request::Mute{fields.text("track"), fields.flag("muted")};
}

Request read_layers(JsonFields& fields) {
  request::Layers layers;
  layers.limit.mid = fields.text("slot");
  layers.limit.max_spatial = static_cast<int>(fields.number_or("maxSpatial", kLayers, -1));
  layers.limit.max_temporal = static_cast<int>(fields.number_or("maxTemporal", kLayers, -1));
  layers.limit.target_bitrate =
      static_cast<std::uint64_t>(fields.number_or("maxBitrate", kBitrates, 0));
  return layers;
}

std::optional<SlotPriority> read_priority(JsonFields& fields) {
  const std::string name = fields.text_or("priority", "");
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < kSlotPriorities; ++i)
    if (const auto priority = static_cast<SlotPriority>(i); name == name_of(priority))
      return priority;
  fields.fail(
      {"bad-field", "'priority' should be 'screen', 'active-speaker', 'pinned' or 'other'."});
  return std::nullopt;
}

Request read_view(JsonFields& fields) {
  request::View view;
  fields.objects_if_any("slots", kMostViewed, [&](JsonFields& slot) {
    ViewRequest::Slot one;
    one.mid = slot.text("slot");
    if (slot.has("width") || slot.has("height")) {
      const auto width = slot.number("width", kPixels);
      const auto height = slot.number("height", kPixels);
      one.pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
    }
    one.priority = read_priority(slot);
    view.view.slots.push_back(std::move(one));
  });
  if (fields.has("pinned")) view.view.pinned = fields.texts_or_none("pinned", kMostPinned);
  view.view.changes_last_n = fields.has("lastN");
  if (const auto last_n = fields.number_or("lastN", kLastN, -1); last_n >= 0)
    view.view.last_n = static_cast<unsigned>(last_n);
  return view;
}

Request read_data(JsonFields& fields) {
  return request::SendData{fields.text_or("to", ""), fields.any("data")};
}

Request read_control(JsonFields& fields) { return request::Control{read_room_control(fields)}; }

Request read_direct(JsonFields& fields) { return request::Direct{read_direct_message(fields)}; }

Request read_ping(JsonFields&) { return request::Ping{}; }

Request read_leave(JsonFields&) { return request::Leave{}; }

struct MessageType {
  std::string_view name;
  Request (*read)(JsonFields&);
};
constexpr std::array kTypes{
    MessageType{"join", read_join},           MessageType{"resume", read_resume},
    MessageType{"publish", read_publish},     MessageType{"unpublish", read_unpublish},
    MessageType{"subscribe", read_subscribe}, MessageType{"answer", read_answer},
    MessageType{"restart", read_restart},     MessageType{"candidate", read_candidate},
    MessageType{"mute", read_mute},           MessageType{"data", read_data},
    MessageType{"layers", read_layers},       MessageType{"view", read_view},
    MessageType{"control", read_control},     MessageType{"direct", read_direct},
    MessageType{"ping", read_ping},           MessageType{"leave", read_leave},
};

Error unknown_type(std::string_view type) {
  std::array<std::string_view, kTypes.size()> names;
  std::transform(kTypes.begin(), kTypes.end(), names.begin(),
                 [](auto& known) { return known.name; });
  std::string message = "There is no message type '" + std::string(type.substr(0, 64)) + "'";
  if (const auto meant = nearest_name(type, names)) {
    message += "; did you mean '" + std::string(*meant) + "'";
  }
  return {"unknown-type", message + "?"};
}

Result<Request> read_request(JsonFields& fields) {
  const std::string type = fields.text("type");
  if (fields.error()) return *fields.error();
  const auto* known = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const MessageType& entry) { return entry.name == type; });
  if (known == kTypes.end()) return unknown_type(type);
  Request request = known->read(fields);
  if (fields.error()) return *fields.error();
  return request;
}

}  // namespace

Frame read_frame(std::string_view text) {
  auto tree = parse_json_object(text);
  if (!tree) return {{}, tree.error()};
  JsonObject* object = json_node_get_object(tree->get());
  std::string id;
  if (JsonNode* node = json_object_get_member(object, "id")) id = json_text(node);
  if (id.size() > kLongestId) {
    return {{}, Error{"bad-field", "'id' should be shorter than 1024 bytes."}};
  }
  JsonFields fields(object);
  return {std::move(id), read_request(fields)};
}

}  // namespace rooms
