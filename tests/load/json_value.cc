// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/json_value.h"

#include <cstdio>
#include <utility>

namespace rooms::load {

JsonValue::~JsonValue() {
  if (node_) json_node_unref(node_);
}
JsonValue::JsonValue(const JsonValue& other)
    : node_(other.node_ ? json_node_ref(other.node_) : nullptr) {}
JsonValue::JsonValue(JsonValue&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
JsonValue& JsonValue::operator=(JsonValue other) noexcept {
  std::swap(node_, other.node_);
  return *this;
}

Result<JsonValue> JsonValue::parse(const std::string& text) {
  GError* error = nullptr;
  JsonNode* node = json_from_string(text.c_str(), &error);
  if (node) return JsonValue(node);
  const std::string why = error ? error->message : "it is empty";
  g_clear_error(&error);
  return Error{"bad-json", "The server sent what is no JSON: " + why};
}

JsonNode* JsonValue::find(Path path) const {
  JsonNode* node = node_;
  for (const char* name : path) {
    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return nullptr;
    node = json_object_get_member(json_node_get_object(node), name);
  }
  return node;
}

std::string JsonValue::text(Path path) const {
  JsonNode* node = find(path);
  const bool is_text =
      node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
  return is_text ? json_node_get_string(node) : "";
}

std::int64_t JsonValue::number(Path path) const {
  JsonNode* node = find(path);
  return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : 0;
}

std::size_t JsonValue::size() const {
  if (!node_) return 0;
  return JSON_NODE_HOLDS_ARRAY(node_) ? json_array_get_length(json_node_get_array(node_)) : 1;
}

JsonValue JsonValue::at(std::size_t index) const {
  if (!node_ || !JSON_NODE_HOLDS_ARRAY(node_)) return *this;
  auto* array = json_node_get_array(node_);
  if (index >= json_array_get_length(array)) return {};
  return JsonValue(json_node_ref(json_array_get_element(array, static_cast<guint>(index))));
}

std::string to_json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) >= ' ') {
      json += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      json += escaped;
    }
  }
  return json + '"';
}

}  // namespace rooms::load
