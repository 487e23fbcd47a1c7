// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/static_files.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/embedded_web.h"
#include "server/http_rules.h"

namespace rooms {
namespace {

constexpr off_t kLargest = 32 * 1024 * 1024;

using Row = std::pair<std::string_view, const char*>;
constexpr std::array kContentTypes{
    Row{".html", "text/html; charset=utf-8"},
    Row{".js", "text/javascript; charset=utf-8"},
    Row{".mjs", "text/javascript; charset=utf-8"},
    Row{".css", "text/css; charset=utf-8"},
    Row{".json", "application/json"},
    Row{".map", "application/json"},
    Row{".webmanifest", "application/manifest+json"},
    Row{".svg", "image/svg+xml"},
    Row{".png", "image/png"},
    Row{".jpg", "image/jpeg"},
    Row{".jpeg", "image/jpeg"},
    Row{".webp", "image/webp"},
    Row{".gif", "image/gif"},
    Row{".ico", "image/x-icon"},
    Row{".woff2", "font/woff2"},
    Row{".wasm", "application/wasm"},
    Row{".wav", "audio/wav"},
    Row{".mp3", "audio/mpeg"},
    Row{".ogg", "audio/ogg"},
    Row{".webm", "video/webm"},
    Row{".mp4", "video/mp4"},
    Row{".mkv", "video/x-matroska"},
    Row{".txt", "text/plain; charset=utf-8"},
    Row{".md", "text/plain; charset=utf-8"},
};

Error not_found(const std::string& path) {
  return {"not-found", "There is no '" + path.substr(0, 200) + "' here."};
}

/// No way up and nothing hidden: every part of the path is a plain name.
bool is_plain(std::string_view path) {
  if (path.find('\0') != std::string_view::npos || path.find('\\') != std::string_view::npos) {
    return false;
  }
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    if (part.empty() || part.front() == '.') return false;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return true;
}

/// Where the path really leads, links followed; empty: nowhere.
std::string real_path(const std::string& path) {
  const auto resolved =
      std::unique_ptr<char, decltype(&free)>(::realpath(path.c_str(), nullptr), free);
  return resolved ? std::string(resolved.get()) : std::string();
}

}  // namespace

const char* content_type_of(std::string_view path) {
  for (const auto& [ending, type] : kContentTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

void StaticFiles::respond(HttpExchange& exchange) const {
  if (exchange.method() != "GET" && exchange.method() != "HEAD") {
    return exchange.refuse_method("GET, HEAD");
  }
  std::string path = exchange.path();
  path.erase(0, path.find_first_not_of('/'));
  if (path.empty() || path.ends_with('/')) path += "index.html";
  auto file = is_plain(path) ? read(path) : Result<File>(not_found(path));
  if (!file) return exchange.refuse(SOUP_STATUS_NOT_FOUND, file.error());

  exchange.add_header("ETag", file->entity_tag);
  exchange.add_header("Cache-Control", "no-cache");
  exchange.add_header("X-Content-Type-Options", "nosniff");
  const auto known = exchange.header("If-None-Match");
  if (known && if_none_match_hits(*known, file->entity_tag)) {
    return exchange.respond(SOUP_STATUS_NOT_MODIFIED);
  }
  // libsoup leaves the body out for HEAD and keeps its length.
  exchange.respond(SOUP_STATUS_OK, content_type_of(path), file->content);
}

Result<StaticFiles::File> StaticFiles::read(const std::string& path) const {
  if (!root_.empty()) return read_from_root(path);
  const auto files = embedded_web();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const EmbeddedFile& file) { return file.path == path; });
  if (found == files.end()) return not_found(path);
  return File{std::string(found->content), std::string(found->entity_tag)};
}

Result<StaticFiles::File> StaticFiles::read_from_root(const std::string& path) const {
  const std::string root = real_path(root_);
  const std::string real = real_path(root_ + "/" + path);
  if (root.empty() || !real.starts_with(root + "/")) return not_found(path);
  struct stat status;
  if (stat(real.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return not_found(path);
  if (status.st_size > kLargest) {
    return Error{"not-found", "'" + path + "' is larger than the 32 MiB that are served."};
  }
  char* contents = nullptr;
  gsize length = 0;
  if (!g_file_get_contents(real.c_str(), &contents, &length, nullptr)) return not_found(path);
  const auto owned = own(contents);
  const auto tag = own(g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(contents), length));
  return File{std::string(contents, length), "\"" + std::string(tag.get(), 16) + "\""};
}

}  // namespace rooms
