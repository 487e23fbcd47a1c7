// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/layout_json.h"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "gst/glue/ref.h"

namespace rooms {

namespace {

constexpr std::size_t kLongest = 64 * 1024;
/// A layout of 64 tiles has 69 brackets. json-glib recurses, so nesting is limited before it sees
/// it.
constexpr auto kMostBrackets = 200;
constexpr unsigned kHighest = 1000;  // z

/// Reads the fields of one object; the first thing that is wrong is kept, later reads answer
/// defaults.
class Fields {
 public:
  Fields(JsonObject* object, std::string path) : object_(object), path_(std::move(path)) {}

  void only(std::initializer_list<const char*> known) {
    JsonObjectIter iter;
    json_object_iter_init(&iter, object_);
    const char* name = nullptr;
    JsonNode* node = nullptr;
    while (json_object_iter_next(&iter, &name, &node)) {
      const bool found =
          std::ranges::any_of(known, [&](const char* k) { return std::strcmp(k, name) == 0; });
      if (!found) fail("unknown-field", path_ + " has a field '" + name + "' that nobody reads.");
    }
  }
  [[nodiscard]] bool has(const char* name) const { return json_object_has_member(object_, name); }

  std::optional<double> number(const char* name) {
    auto* node = member(name);
    if (!node) return std::nullopt;
    const auto type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE) return wrong(name, "a number");
    return json_node_get_double(node);
  }
  double required_number(const char* name) {
    const auto found = number(name);
    if (!found) fail("missing-field", path_ + " has no '" + name + "'.");
    return found.value_or(0);
  }
  std::optional<int> whole_number(const char* name, int least, int most) {
    const auto found = number(name);
    if (!found) return std::nullopt;
    if (*found < least || *found > most || *found != std::floor(*found)) {
      wrong(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
      return std::nullopt;
    }
    return static_cast<int>(*found);
  }
  std::optional<bool> yes_or_no(const char* name) {
    auto* node = member(name);
    if (!node) return std::nullopt;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN) {
      wrong(name, "true or false");
      return std::nullopt;
    }
    return json_node_get_boolean(node);
  }
  std::optional<std::string> text(const char* name) {
    auto* node = member(name);
    if (!node) return std::nullopt;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING) {
      wrong(name, "a text");
      return std::nullopt;
    }
    return json_node_get_string(node);
  }
  /// "#rrggbb"
  std::optional<std::uint32_t> colour(const char* name) {
    const auto found = text(name);
    if (!found) return std::nullopt;
    guint64 value = 0;
    if (found->size() != 7 || found->front() != '#' ||
        !g_ascii_string_to_unsigned(found->c_str() + 1, 16, 0, 0xFFFFFF, &value, nullptr)) {
      wrong(name, "a colour such as \"#204060\"");
      return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
  }
  JsonObject* object(const char* name) {
    auto* node = member(name);
    if (!node) return nullptr;
    if (JSON_NODE_HOLDS_OBJECT(node)) return json_node_get_object(node);
    wrong(name, "an object {..}");
    return nullptr;
  }
  JsonArray* array(const char* name) {
    auto* node = member(name);
    if (!node) return nullptr;
    if (JSON_NODE_HOLDS_ARRAY(node)) return json_node_get_array(node);
    wrong(name, "a list [..]");
    return nullptr;
  }

  void fail(const char* code, std::string message) {
    if (!error_) error_ = Error{code, std::move(message)};
  }
  std::nullopt_t wrong(const char* name, const std::string& should_be) {
    fail("bad-field", path_ + ": '" + name + "' should be " + should_be + ".");
    return std::nullopt;
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  JsonNode* member(const char* name) { return json_object_get_member(object_, name); }

  JsonObject* object_;
  std::string path_;
  std::optional<Error> error_;
};

/// What one pixel, or one whole, is as a fraction of the canvas.
struct Unit {
  double x = 1;
  double y = 1;
};

Result<Unit> read_canvas(JsonObject* object) {
  Fields fields(object, "'canvas'");
  fields.only({"width", "height"});
  const double width = fields.required_number("width");
  const double height = fields.required_number("height");
  if (fields.error()) return *fields.error();
  constexpr double kMost = CustomLayout::kMaxCanvas;
  if (width < 1 || height < 1 || width > kMost || height > kMost) {
    return Error{"bad-canvas", "'canvas' is from 1 to " + std::to_string(CustomLayout::kMaxCanvas) +
                                   " pixels wide and high."};
  }
  return Unit{1 / width, 1 / height};
}

void read_who(Fields& fields, std::size_t index, unsigned& next_slot, CustomTile& tile) {
  const int named = fields.has("slot") + fields.has("speaker") + fields.has("participant");
  if (named > 1) {
    fields.fail("bad-field", "Tile " + std::to_string(index) +
                                 " shows more than one: 'slot', 'speaker' or 'participant'.");
  }
  if (named == 0) tile.shows = ShowSlot{next_slot++};
  constexpr int kLastSlot = CustomLayout::kMaxTiles - 1;
  if (const auto slot = fields.number("slot")) {
    if (*slot < 0 || *slot > kLastSlot || *slot != std::floor(*slot)) {
      fields.fail("unknown-slot", "Tile " + std::to_string(index) + ": slots are numbered 0 to " +
                                      std::to_string(kLastSlot) + ".");
    } else {
      tile.shows = ShowSlot{static_cast<unsigned>(*slot)};
    }
  }
  if (fields.yes_or_no("speaker").value_or(false)) tile.shows = ShowSpeaker{};
  if (auto name = fields.text("participant")) tile.shows = ShowParticipant{std::move(*name)};
}

Result<CustomTile> read_tile(JsonNode* node, std::size_t index, unsigned& next_slot, Unit unit) {
  const auto path = "Tile " + std::to_string(index);
  if (!JSON_NODE_HOLDS_OBJECT(node)) return Error{"bad-field", path + " should be an object {..}."};
  Fields fields(json_node_get_object(node), path);
  fields.only({"slot", "speaker", "participant", "x", "y", "width", "height", "z", "alpha", "fit",
               "caption", "border"});
  CustomTile tile;
  read_who(fields, index, next_slot, tile);
  tile.x = fields.required_number("x") * unit.x;
  tile.y = fields.required_number("y") * unit.y;
  tile.width = fields.required_number("width") * unit.x;
  tile.height = fields.required_number("height") * unit.y;
  tile.z = static_cast<unsigned>(fields.whole_number("z", 0, kHighest).value_or(0));
  tile.alpha = fields.number("alpha").value_or(1);
  tile.caption = fields.yes_or_no("caption").value_or(true);
  tile.border = fields.yes_or_no("border").value_or(true);
  if (const auto fit = fields.text("fit")) {
    if (*fit != "crop" && *fit != "whole") fields.wrong("fit", R"("crop" or "whole")");
    tile.fit = *fit == "whole" ? Fit::kWhole : Fit::kCrop;
  }
  if (fields.error()) return *fields.error();
  return tile;
}

Status read_style(Fields& fields, CustomLayout& layout) {
  if (auto* object = fields.object("background")) {
    Fields background(object, "'background'");
    background.only({"color", "picture"});
    layout.background_colour = background.colour("color");
    layout.background_picture = background.text("picture").value_or("");
    if (background.error()) return *background.error();
  }
  if (auto* object = fields.object("border")) {
    Fields border(object, "'border'");
    border.only({"color", "width"});
    layout.border_colour = border.colour("color");
    layout.border_width = border.whole_number("width", 0, 64);
    if (border.error()) return *border.error();
  }
  return Done{};
}

Result<CustomLayout> read_layout(JsonObject* object) {
  Fields fields(object, "The layout");
  fields.only({"background", "border", "canvas", "tiles"});
  CustomLayout layout;
  if (auto status = read_style(fields, layout); !status) return status.error();
  Unit unit;
  if (auto* canvas = fields.object("canvas")) {
    const auto read = read_canvas(canvas);
    if (!read) return read.error();
    unit = *read;
  }
  auto* tiles = fields.array("tiles");
  if (!tiles) fields.fail("missing-field", "The layout has no 'tiles'.");
  if (fields.error()) return *fields.error();
  unsigned next_slot = 0;
  for (guint i = 0; i < json_array_get_length(tiles); ++i) {
    auto tile = read_tile(json_array_get_element(tiles, i), i, next_slot, unit);
    if (!tile) return tile.error();
    layout.tiles.push_back(std::move(*tile));
    if (layout.tiles.size() > CustomLayout::kMaxTiles) break;  // check() says so
  }
  if (auto status = check(layout); !status) return status.error();
  return layout;
}

}  // namespace

Result<CustomLayout> parse_layout(std::string_view json) {
  if (json.size() > kLongest) return Error{"too-long", "A layout has at most 64 KiB."};
  if (std::ranges::count_if(json, [](char c) { return c == '{' || c == '['; }) > kMostBrackets) {
    return Error{"too-many-tiles", "The layout has more brackets than one of 64 tiles needs."};
  }
  const auto parser = adopt(json_parser_new_immutable());
  GError* problem = nullptr;
  if (!json_parser_load_from_data(parser.get(), json.data(), static_cast<gssize>(json.size()),
                                  &problem)) {
    const auto owned = own(problem);
    return Error{"bad-json", std::string("Not JSON: ") + owned->message};
  }
  auto* root = json_parser_get_root(parser.get());
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
    return Error{"bad-json", R"(A layout is one JSON object: {"tiles": [..]})"};
  }
  return read_layout(json_node_get_object(root));
}

}  // namespace rooms
