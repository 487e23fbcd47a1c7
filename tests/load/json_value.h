// SPDX-License-Identifier: LGPL-2.1-or-later
// JSON that servers send, looked into; and text to put into JSON.
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "gst/core/result.h"

namespace rooms::load {

class JsonValue {
 public:
  JsonValue() = default;
  explicit JsonValue(JsonNode* node) : node_(node) {}  ///< takes it over
  ~JsonValue();
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(JsonValue other) noexcept;

  /// Error "bad-json".
  static Result<JsonValue> parse(const std::string& text);

  using Path = std::initializer_list<const char*>;
  [[nodiscard]] bool has(Path path) const { return find(path) != nullptr; }
  /// "" or 0 for what is not there or of another type.
  [[nodiscard]] std::string text(Path path) const;
  [[nodiscard]] std::int64_t number(Path path) const;
  /// Elements of an array; this value itself when it is none.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] JsonValue at(std::size_t index) const;

 private:
  [[nodiscard]] JsonNode* find(Path path) const;
  JsonNode* node_ = nullptr;
};

/// With quotes around it.
std::string to_json_text(std::string_view text);

}  // namespace rooms::load
