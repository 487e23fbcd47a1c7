// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/recording_files.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "gst/core/record/recording_names.h"
#include "server/http_rules.h"
#include "server/static_files.h"

namespace rooms {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// What recordings write: no way up, nothing hidden.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.front() != '.' &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

/// Step by step, and no step through a link: nothing outside of that folder is ever opened.
int open_recorded(const std::string& root, const RecordingFilePath& path) {
  if (root.empty()) return -1;
  for (const auto* name : {&path.recording, &path.file})
    if (!is_file_name(*name)) return -1;
  constexpr int kFolder = O_PATH | O_DIRECTORY | O_CLOEXEC;
  const Descriptor top(open(root.c_str(), kFolder));
  const Descriptor room(openat(top.get(), file_word(path.room).c_str(), kFolder | O_NOFOLLOW));
  const Descriptor folder(openat(room.get(), path.recording.c_str(), kFolder | O_NOFOLLOW));
  return openat(folder.get(), path.file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

std::string tag_of(const struct stat& about) {
  return "\"" + std::to_string(about.st_ino) + "-" + std::to_string(about.st_size) + "-" +
         std::to_string(about.st_mtim.tv_sec) + "." + std::to_string(about.st_mtim.tv_nsec) + "\"";
}

}  // namespace

std::optional<RecordingFilePath> recording_file_path(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const auto slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  if (parts.size() != 5 || parts[1] != "recordings" || parts[3] != "files") return std::nullopt;
  return RecordingFilePath{parts[0], parts[2], parts[4]};
}

void respond_with_recording(HttpExchange& exchange, const std::string& root,
                            const RecordingFilePath& path) {
  if (exchange.method() != "GET" && exchange.method() != "HEAD")
    return exchange.refuse_method("GET, HEAD");
  Descriptor file(open_recorded(root, path));
  struct stat about;
  if (file.get() < 0 || fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    exchange.add_header("Cache-Control", "no-store");
    return exchange.refuse(SOUP_STATUS_NOT_FOUND,
                           {"file-unknown", "There is no such file of that recording."});
  }
  const auto size = static_cast<std::uint64_t>(about.st_size);
  const std::string tag = tag_of(about);
  exchange.add_header("ETag", tag);
  exchange.add_header("Cache-Control", "private, no-cache");
  exchange.add_header("Accept-Ranges", "bytes");
  exchange.add_header("X-Content-Type-Options", "nosniff");
  exchange.add_header("Content-Disposition",
                      "attachment; filename=\"" + file_word(path.file) + "\"");
  const auto known = exchange.header("If-None-Match");
  if (known && if_none_match_hits(*known, tag)) return exchange.respond(SOUP_STATUS_NOT_MODIFIED);
  auto wanted = exchange.method() == "GET" ? exchange.header("Range") : std::nullopt;
  // The rest of a file that has changed since its beginning was fetched is of no use.
  if (const auto since = exchange.header("If-Range"); since && !if_match(*since, tag))
    wanted.reset();
  ByteRange range;
  const auto state = read_range(wanted, size, range);
  if (state == RangeState::kUnsatisfiable) {
    exchange.add_header("Content-Range", "bytes */" + std::to_string(size));
    return exchange.refuse(SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE,
                           {"range", "The file has " + std::to_string(size) + " bytes."});
  }
  if (state == RangeState::kPart)
    exchange.add_header("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                             std::to_string(range.first + range.length - 1) + "/" +
                                             std::to_string(size));
  lseek(file.get(), static_cast<off_t>(range.first), SEEK_SET);
  exchange.respond(state == RangeState::kPart ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK,
                   content_type_of(path.file), adopt(g_unix_input_stream_new(file.release(), TRUE)),
                   range.length);
}

}  // namespace rooms
