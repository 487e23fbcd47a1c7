// SPDX-License-Identifier: LGPL-2.1-or-later
// A media file, read by GStreamer without a decoder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gst/core/record/file_ending.h"
#include "gst/core/record/stream_check.h"
#include "gst/core/result.h"

namespace rooms {

struct VerifiedStream {
  std::string codec;  ///< "video/x-vp8", "audio/x-opus"
  bool video = false;
  StreamCheck::Summary summary;
};

struct VerifiedFile {
  FileEnding ending = FileEnding::kUnknown;
  std::vector<VerifiedStream> streams;
  std::vector<std::string> problems;  ///< sentences
};

struct VerifyLimits {
  Duration gap = std::chrono::milliseconds(250);
  Duration offset = std::chrono::milliseconds(80);  ///< between sound and picture
};

/// Errors: "unreadable" (no such file, or nothing in it that GStreamer could play).
Result<VerifiedFile> verify_file(const std::string& path, const VerifyLimits& limits);

/// By how much the sound begins (or ends) later than the picture; nullopt: one of them is missing.
std::optional<Duration> sound_offset(const VerifiedFile& file, bool at_end);

}  // namespace rooms
