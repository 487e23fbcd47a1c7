// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/data_envelope.h"

#include <glib.h>
#include <json-glib/json-glib.h>

#include "gst/glue/ref.h"

namespace rooms {

std::optional<Readdressed<std::string>> readdress_text(const std::string& text,
                                                       const std::string& from) {
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) return std::nullopt;
  const auto parser = adopt(json_parser_new_immutable());
  if (!json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()),
                                  nullptr))
    return std::nullopt;
  JsonNode* root = json_parser_get_root(parser.get());
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return std::nullopt;
  JsonObject* object = json_node_get_object(root);
  JsonNode* data = json_object_get_member(object, "data");
  if (!data) return std::nullopt;
  Readdressed<std::string> result;
  if (JsonNode* to = json_object_get_member(object, "to")) {
    if (!JSON_NODE_HOLDS_VALUE(to) || json_node_get_value_type(to) != G_TYPE_STRING)
      return std::nullopt;
    result.to = json_node_get_string(to);
  }
  const auto builder = adopt(json_builder_new());
  json_builder_begin_object(builder.get());
  json_builder_set_member_name(builder.get(), "from");
  json_builder_add_string_value(builder.get(), from.c_str());
  json_builder_set_member_name(builder.get(), "data");
  json_builder_add_value(builder.get(), json_node_copy(data));
  json_builder_end_object(builder.get());
  JsonNode* node = json_builder_get_root(builder.get());
  const auto written = own(json_to_string(node, FALSE));
  json_node_unref(node);
  result.message = written.get();
  return result;
}

std::optional<Readdressed<std::vector<std::uint8_t>>> readdress_binary(
    const std::vector<std::uint8_t>& bytes, const std::string& from) {
  if (bytes.empty() || bytes.size() < std::size_t{1} + bytes[0] || from.size() > 255)
    return std::nullopt;
  const auto body = bytes.begin() + 1 + bytes[0];
  Readdressed<std::vector<std::uint8_t>> result;
  result.to.assign(bytes.begin() + 1, body);
  result.message.push_back(static_cast<std::uint8_t>(from.size()));
  result.message.insert(result.message.end(), from.begin(), from.end());
  result.message.insert(result.message.end(), body, bytes.end());
  return result;
}

}  // namespace rooms
