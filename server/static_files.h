// SPDX-License-Identifier: LGPL-2.1-or-later
// The web page at `/`: compiled in, or the files of a directory.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/result.h"
#include "server/http_exchange.h"

namespace rooms {

/// By the end of the name; "application/octet-stream" if it tells nothing.
const char* content_type_of(std::string_view path);

class StaticFiles {
 public:
  /// Empty: what is compiled in.
  explicit StaticFiles(std::string root) : root_(std::move(root)) {}

  void respond(HttpExchange& exchange) const;

 private:
  struct File {
    std::string content;
    std::string entity_tag;
  };
  [[nodiscard]] Result<File> read(const std::string& path) const;
  [[nodiscard]] Result<File> read_from_root(const std::string& path) const;

  std::string root_;
};

}  // namespace rooms
