// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/output_file.h"

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace rooms {
namespace {

/// 0, or errno.
int write_all(int descriptor, Bytes bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    const auto written = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return 0;
}

}  // namespace

Error write_error(int number, const std::string& path) {
  const std::string why = std::string(": ") + g_strerror(number) + ".";
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return {"disk-full", "There is no room left to write " + path + why};
    case EROFS:
      return {"disk-read-only", "Nothing can be written to " + path + why};
    case ENOENT:
    case ENOTDIR:
      return {"folder-missing", "There is no folder for " + path + why};
    case EACCES:
    case EPERM:
      return {"disk-refused", "The server may not write " + path + why};
    default:
      return {"disk-failed", "Writing " + path + " failed" + why};
  }
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0 && errno == EEXIST) return Error{"file-exists", path + " exists already."};
  if (descriptor < 0) return write_error(errno, path);
  return std::unique_ptr<OutputFile>(new OutputFile(descriptor, path));
}

OutputFile::~OutputFile() { close(descriptor_); }

Status OutputFile::append(Bytes bytes) {
  if (const int number = write_all(descriptor_, bytes, size_); number != 0) {
    if (ftruncate(descriptor_, static_cast<off_t>(size_)) != 0)
      g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "%s may end with half a frame", path_.c_str());
    return write_error(number, path_);
  }
  size_ += bytes.size();
  return Done{};
}

Status OutputFile::finish(const FileEnd& end) {
  if (auto appended = append(end.append); !appended) return appended;
  for (const auto& patch : end.patches)
    if (const int number = write_all(descriptor_, patch.bytes, patch.at); number != 0)
      return write_error(number, path_);
  return Done{};
}

Status replace_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  const int descriptor = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return write_error(errno, path);
  int number = write_all(descriptor, as_bytes(text), 0);
  if (close(descriptor) != 0 && number == 0) number = errno;
  if (number == 0 && rename(fresh.c_str(), path.c_str()) != 0) number = errno;
  if (number == 0) return Done{};
  unlink(fresh.c_str());
  return write_error(number, path);
}

}  // namespace rooms
