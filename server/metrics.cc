// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/metrics.h"

#include <array>
#include <cstdio>

#include "server/json_fields.h"

namespace rooms {
namespace {

std::string number_text(double value) {
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

/// [a-zA-Z0-9_] is what a metric's name may hold.
std::string metric_word(std::string_view word) {
  std::string name(word);
  for (char& c : name) {
    if (!g_ascii_isalnum(c)) c = '_';
  }
  return name;
}

void flatten(std::string& out, const std::string& prefix, JsonObject* object) {
  JsonObjectIter each;
  const char* name = nullptr;
  JsonNode* node = nullptr;
  json_object_iter_init(&each, object);
  while (json_object_iter_next(&each, &name, &node)) {
    const std::string metric = prefix + "_" + metric_word(name);
    if (JSON_NODE_HOLDS_OBJECT(node)) {
      flatten(out, metric, json_node_get_object(node));
    } else if (JSON_NODE_HOLDS_VALUE(node)) {
      const GType type = json_node_get_value_type(node);
      if (type == G_TYPE_INT64)
        out += metric + " " + std::to_string(json_node_get_int(node)) + "\n";
      if (type == G_TYPE_DOUBLE)
        out += metric + " " + number_text(json_node_get_double(node)) + "\n";
    }
  }
}

}  // namespace

void MetricsText::add(std::string_view name, std::string_view type, std::string_view help,
                      double value) {
  const std::string metric(name);
  text_ += "# HELP " + metric + " " + std::string(help) + "\n";
  text_ += "# TYPE " + metric + " " + std::string(type) + "\n";
  text_ += metric + " " + number_text(value) + "\n";
}

void MetricsText::add_json(std::string_view prefix, std::string_view json) {
  const auto tree = parse_json_object(json);
  if (tree) flatten(text_, std::string(prefix), json_node_get_object(tree->get()));
}

}  // namespace rooms
