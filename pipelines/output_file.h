// SPDX-License-Identifier: LGPL-2.1-or-later
// A file that is appended to, and in which what was kept free is written at the end. What has been
// appended is the kernel's, and outlives the process. Blocks: not for the room's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gst/core/bytes.h"
#include "gst/core/record/container.h"
#include "gst/core/result.h"

namespace rooms {

class OutputFile {
 public:
  /// A new file. Errors: "file-exists", and those of `write_error`.
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// All or nothing: what was written of it is cut off again.
  Status append(Bytes bytes);
  Status finish(const FileEnd& end);
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  OutputFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_;
  std::string path_;
  std::uint64_t size_ = 0;
};

/// "disk-full", "disk-read-only", "folder-missing", "disk-refused" or "disk-failed", with what
/// errno and `path` say.
Error write_error(int number, const std::string& path);

/// Replaces the file in one step: whoever reads it sees the old text or the new one.
Status replace_file(const std::string& path, std::string_view text);

}  // namespace rooms
