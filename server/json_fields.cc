// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/json_fields.h"

#include <utility>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

constexpr int kDeepest = 32;

bool deeper_than(std::string_view text, int limit) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

/// json-glib also takes comments, single quotes and other things that are not JSON: where those
/// could hide nesting from the count above, the text is refused.
bool has_non_json_quoting(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '\'' || c == '/' || c == '#') {
      return true;
    }
  }
  return false;
}

bool holds(JsonNode* node, GType type) {
  return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

}  // namespace

Result<JsonTree> parse_json_object(std::string_view text) {
  if (deeper_than(text, kDeepest)) {
    return Error{"bad-json", "The JSON is nested more than 32 deep."};
  }
  if (has_non_json_quoting(text)) {
    return Error{"bad-json",
                 "Not JSON: outside of strings there is no place for ' or / or #. Strings go in"
                 " double quotes, comments are not allowed."};
  }
  const auto parser = adopt(json_parser_new_immutable());
  GError* problem = nullptr;
  const bool parsed = json_parser_load_from_data(parser.get(), text.data(),
                                                 static_cast<gssize>(text.size()), &problem);
  JsonTree tree(parsed ? json_parser_steal_root(parser.get()) : nullptr);
  if (!parsed) {
    std::string message = std::string("Not JSON: ") + problem->message;
    g_error_free(problem);
    return Error{"bad-json", std::move(message)};
  }
  if (!tree || !JSON_NODE_HOLDS_OBJECT(tree.get())) {
    return Error{"bad-json", R"(A message should be one JSON object: {"type": ..})"};
  }
  return tree;
}

std::string json_text(JsonNode* node) {
  if (!node) return "null";
  char* text = json_to_string(node, FALSE);
  std::string result = text;
  g_free(text);
  return result;
}

void JsonFields::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

void JsonFields::wrong(const char* name, std::string_view should_be) {
  fail({"bad-field", "'" + path_ + name + "' should be " + std::string(should_be) + "."});
}

JsonNode* JsonFields::required(const char* name) {
  JsonNode* node = json_object_get_member(object_, name);
  if (!node) fail({"missing-field", "The field '" + path_ + name + "' is missing."});
  return node;
}

// null counts as absent: clients write what they have.
JsonNode* JsonFields::optional(const char* name) const {
  JsonNode* node = json_object_get_member(object_, name);
  return node && !JSON_NODE_HOLDS_NULL(node) ? node : nullptr;
}

std::string JsonFields::as_text(const char* name, JsonNode* node) {
  if (!node) return {};
  if (holds(node, G_TYPE_STRING)) return json_node_get_string(node);
  wrong(name, "a string");
  return {};
}

bool JsonFields::as_flag(const char* name, JsonNode* node) {
  if (!node) return false;
  if (holds(node, G_TYPE_BOOLEAN)) return json_node_get_boolean(node);
  wrong(name, "true or false");
  return false;
}

std::int64_t JsonFields::as_number(const char* name, JsonNode* node, Range range) {
  if (!node) return range.least;
  if (holds(node, G_TYPE_INT64)) {
    const std::int64_t number = json_node_get_int(node);
    if (number >= range.least && number <= range.most) return number;
  }
  wrong(name,
        "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return range.least;
}

std::string JsonFields::text(const char* name) { return as_text(name, required(name)); }

std::string JsonFields::text_or(const char* name, std::string fallback) {
  JsonNode* node = optional(name);
  return node ? as_text(name, node) : std::move(fallback);
}

bool JsonFields::flag(const char* name) { return as_flag(name, required(name)); }

bool JsonFields::flag_or(const char* name, bool fallback) {
  JsonNode* node = optional(name);
  return node ? as_flag(name, node) : fallback;
}

std::int64_t JsonFields::number(const char* name, Range range) {
  return as_number(name, required(name), range);
}

std::int64_t JsonFields::number_or(const char* name, Range range, std::int64_t fallback) {
  JsonNode* node = optional(name);
  return node ? as_number(name, node, range) : fallback;
}

std::string JsonFields::any(const char* name) { return json_text(required(name)); }

std::vector<std::string> JsonFields::texts_or_none(const char* name, std::size_t most) {
  JsonNode* node = optional(name);
  if (!node) return {};
  if (!JSON_NODE_HOLDS_ARRAY(node) || json_array_get_length(json_node_get_array(node)) > most) {
    wrong(name, "a list of at most " + std::to_string(most) + " strings");
    return {};
  }
  std::vector<std::string> texts;
  JsonArray* array = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(array); ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!holds(element, G_TYPE_STRING)) {
      wrong(name, "a list of strings");
      return {};
    }
    texts.emplace_back(json_node_get_string(element));
  }
  return texts;
}

void JsonFields::objects(const char* name, std::size_t most,
                         const std::function<void(JsonFields&)>& each) {
  if (JsonNode* node = required(name)) read_objects(name, node, most, each);
}

void JsonFields::objects_if_any(const char* name, std::size_t most,
                                const std::function<void(JsonFields&)>& each) {
  if (JsonNode* node = optional(name)) read_objects(name, node, most, each);
}

void JsonFields::read_objects(const char* name, JsonNode* node, std::size_t most,
                              const std::function<void(JsonFields&)>& each) {
  if (!JSON_NODE_HOLDS_ARRAY(node) || json_array_get_length(json_node_get_array(node)) > most) {
    return wrong(name, "a list of at most " + std::to_string(most) + " objects");
  }
  JsonArray* array = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(array) && !error_; ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(element)) return wrong(name, "a list of objects");
    JsonFields fields(json_node_get_object(element), path_ + name + "[" + std::to_string(i) + "].");
    each(fields);
    if (fields.error()) fail(*fields.error());
  }
}

std::vector<std::string> JsonFields::names() const {
  GList* members = json_object_get_members(object_);
  std::vector<std::string> names;
  for (GList* member = members; member; member = member->next)
    names.emplace_back(static_cast<const char*>(member->data));
  g_list_free(members);
  return names;
}

void JsonFields::flags(const char* name, std::size_t most,
                       const std::function<void(const std::string&, bool)>& each) {
  JsonNode* node = required(name);
  if (!node) return;
  if (!JSON_NODE_HOLDS_OBJECT(node) || json_object_get_size(json_node_get_object(node)) > most) {
    return wrong(name, "an object of at most " + std::to_string(most) + " times true or false");
  }
  JsonFields fields(json_node_get_object(node), path_ + name + ".");
  for (const auto& key : fields.names()) {
    const bool flag = fields.flag(key.c_str());
    if (fields.error()) return fail(*fields.error());
    each(key, flag);
  }
}

void JsonFields::numbers(const char* name, std::size_t most,
                         const std::function<void(const std::string&, double)>& each) {
  JsonNode* node = required(name);
  if (!node) return;
  if (!JSON_NODE_HOLDS_OBJECT(node) || json_object_get_size(json_node_get_object(node)) > most)
    return wrong(name, "an object of at most " + std::to_string(most) + " numbers");
  JsonObject* object = json_node_get_object(node);
  JsonFields fields(object, path_ + name + ".");
  for (const auto& key : fields.names()) {
    JsonNode* value = json_object_get_member(object, key.c_str());
    const bool is_number = holds(value, G_TYPE_INT64) || holds(value, G_TYPE_DOUBLE);
    if (!is_number) fields.wrong(key.c_str(), "a number");
    if (fields.error()) return fail(*fields.error());
    each(key, json_node_get_double(value));
  }
}

void JsonFields::object_if_any(const char* name, const std::function<void(JsonFields&)>& read) {
  JsonNode* node = optional(name);
  if (!node) return;
  if (!JSON_NODE_HOLDS_OBJECT(node)) return wrong(name, "an object");
  JsonFields fields(json_node_get_object(node), path_ + name + ".");
  read(fields);
  if (fields.error()) fail(*fields.error());
}

}  // namespace rooms
