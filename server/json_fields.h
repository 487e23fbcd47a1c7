// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the fields of one JSON object that a client sent. The first wrong field becomes the error,
// reads after it give defaults: a message is read in one go and `error()` asked once.
#pragma once

#include <json-glib/json-glib.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/result.h"

namespace rooms {

struct JsonNodeUnref {
  void operator()(JsonNode* node) const { json_node_unref(node); }
};
using JsonTree = std::unique_ptr<JsonNode, JsonNodeUnref>;

/// An object, at most 32 deep (json-glib recurses, so the depth is counted before it sees the
/// text). Error "bad-json".
Result<JsonTree> parse_json_object(std::string_view text);
/// Compact JSON of any node; "null" of nullptr.
std::string json_text(JsonNode* node);

class JsonFields {
 public:
  struct Range {
    std::int64_t least;
    std::int64_t most;
  };

  /// `object` must outlive this. `path` is put before the names in errors: "tracks[2].".
  explicit JsonFields(JsonObject* object, std::string path = {})
      : object_(object), path_(std::move(path)) {}

  std::string text(const char* name);
  std::string text_or(const char* name, std::string fallback);
  bool flag(const char* name);
  bool flag_or(const char* name, bool fallback);
  std::int64_t number(const char* name, Range range);
  std::int64_t number_or(const char* name, Range range, std::int64_t fallback);
  /// The field as JSON text, whatever it is.
  std::string any(const char* name);
  std::vector<std::string> texts_or_none(const char* name, std::size_t most);
  /// A list of objects; `each` is called for every one until one is wrong.
  void objects(const char* name, std::size_t most, const std::function<void(JsonFields&)>& each);
  void objects_if_any(const char* name, std::size_t most,
                      const std::function<void(JsonFields&)>& each);
  /// Whether the field is there, if only as null.
  [[nodiscard]] bool has(const char* name) const { return json_object_has_member(object_, name); }
  [[nodiscard]] std::vector<std::string> names() const;
  /// An object of true and false, by names that the client chose.
  void flags(const char* name, std::size_t most,
             const std::function<void(const std::string&, bool)>& each);
  /// An object of numbers, likewise.
  void numbers(const char* name, std::size_t most,
               const std::function<void(const std::string&, double)>& each);
  /// An object that may be absent.
  void object_if_any(const char* name, const std::function<void(JsonFields&)>& read);

  void fail(Error error);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void read_objects(const char* name, JsonNode* node, std::size_t most,
                    const std::function<void(JsonFields&)>& each);
  JsonNode* required(const char* name);
  JsonNode* optional(const char* name) const;
  void wrong(const char* name, std::string_view should_be);
  std::string as_text(const char* name, JsonNode* node);
  bool as_flag(const char* name, JsonNode* node);
  std::int64_t as_number(const char* name, JsonNode* node, Range range);

  JsonObject* object_;
  std::string path_;
  std::optional<Error> error_;
};

}  // namespace rooms
