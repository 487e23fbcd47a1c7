// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/room_control.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "server/nearest_name.h"

namespace rooms {
namespace {

constexpr std::size_t kMostMutes = 256;
constexpr std::size_t kMostMixed = 256;
/// What a picture cannot be is said by the room, in a sentence of its own.
constexpr JsonFields::Range kAnyPixels{INT32_MIN, INT32_MAX};

void read_topology(JsonFields& fields, RoomControl& control) {
  control.topology = topology_named(fields.text("topology"));
  if (control.topology) return;
  fields.fail({"bad-field", "'topology' should be 'auto', 'sfu', 'mesh' or 'mcu'."});
}

void read_mute(JsonFields& fields, RoomControl& control) {
  fields.flags("mute", kMostMutes, [&](const std::string& id, bool muted) {
    control.mute.insert_or_assign(id, muted);
  });
}

void read_layout(JsonFields& fields, RoomControl& control) {
  const auto layout = fields.any("layout");
  // A name, or the object as it is.
  control.mix.layout = layout.starts_with('"') ? fields.text("layout") : layout;
}

void read_captions(JsonFields& fields, RoomControl& control) {
  control.mix.captions = fields.flag("captions");
}

void read_size(JsonFields& fields, RoomControl& control) {
  fields.object_if_any("size", [&](JsonFields& size) {
    control.mix.size = Size{static_cast<int>(size.number("width", kAnyPixels)),
                            static_cast<int>(size.number("height", kAnyPixels))};
  });
}

MixControl::Participant& participant_of(RoomControl& control, const std::string& id) {
  auto& all = control.mix.participants;
  const auto known =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id == id; });
  if (known != all.end()) return *known;
  all.push_back({id, std::nullopt, std::nullopt});
  return all.back();
}

void read_mix(JsonFields& fields, RoomControl& control) {
  fields.flags("mix", kMostMixed, [&](const std::string& id, bool mixed) {
    participant_of(control, id).mixed = mixed;
  });
}

void read_volume(JsonFields& fields, RoomControl& control) {
  fields.numbers("volume", kMostMixed, [&](const std::string& id, double volume) {
    participant_of(control, id).volume = volume;
  });
}

/// What can be controlled. Each key is looked at only when it is there.
struct Key {
  const char* name;
  void (*read)(JsonFields& fields, RoomControl& control);
};
constexpr std::array kKeys{
    Key{"topology", read_topology}, Key{"mute", read_mute}, Key{"layout", read_layout},
    Key{"captions", read_captions}, Key{"size", read_size}, Key{"mix", read_mix},
    Key{"volume", read_volume},
};

void refuse_unknown(JsonFields& fields) {
  std::vector<std::string_view> known;
  for (const auto& key : kKeys) known.emplace_back(key.name);
  for (const auto& name : fields.names()) {
    if (name == "type" || name == "id") continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string message = "There is no '" + name.substr(0, 64) + "' to control";
    if (const auto meant = nearest_name(name, known))
      message += "; did you mean '" + std::string(*meant) + "'?";
    else
      message += ".";
    return fields.fail({"bad-field", std::move(message)});
  }
}

}  // namespace

RoomControl read_room_control(JsonFields& fields) {
  RoomControl control;
  refuse_unknown(fields);
  for (const auto& key : kKeys)
    if (!fields.error() && fields.has(key.name)) key.read(fields, control);
  return control;
}

MixControl read_mix_look(JsonFields& fields) {
  RoomControl control;
  if (fields.has("layout")) read_layout(fields, control);
  if (fields.has("size")) read_size(fields, control);
  return control.mix;
}

Result<RoomControl> parse_room_control(std::string_view body) {
  const auto tree = parse_json_object(body);
  if (!tree) return tree.error();
  JsonFields fields(json_node_get_object(tree->get()));
  auto control = read_room_control(fields);
  if (fields.error()) return *fields.error();
  return control;
}

}  // namespace rooms
