// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes one JSON text from front to back. Strings that are not UTF-8 are repaired, so that the
// text always is.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace rooms {

class JsonWriter {
 public:
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }
  /// `json` is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class Fill>
  JsonWriter& object(Fill&& fill) {
    open('{');
    fill();
    return close('}');
  }
  template <class Range, class Each>
  JsonWriter& list(const Range& range, Each&& each) {
    open('[');
    for (const auto& item : range) each(item);
    return close(']');
  }

  JsonWriter& name(std::string_view name);
  JsonWriter& field(std::string_view name_of_field, const auto& content) {
    return name(name_of_field).value(content);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void separate();
  void open(char bracket);
  JsonWriter& close(char bracket);

  std::string text_;
};

}  // namespace rooms
