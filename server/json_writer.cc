// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/json_writer.h"

#include <array>
#include <cstdio>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
    std::array<char, 8> escape;
    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
    out += escape.data();
    return;
  }
  out += c;
}

}  // namespace

// What stands last tells whether a comma belongs between it and what comes next.
void JsonWriter::separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::name(std::string_view name) {
  value(name);
  text_ += ':';
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  text_ += '"';
  if (g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) {
    for (const char c : text) append_escaped(text_, c);
  } else {
    const auto repaired = own(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    for (const char* c = repaired.get(); *c; ++c) append_escaped(text_, *c);
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

}  // namespace rooms
