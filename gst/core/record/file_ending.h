// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a recording was brought to its end, by the outermost structure of its file.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "gst/core/bytes.h"

namespace rooms {

enum class FileEnding : std::uint8_t {
  kFinalised,  ///< has its index: seeks and tells its length like any other
  kOpen,       ///< plays up to its last fragment or cluster; the process ended before it did
  kCut,        ///< the last piece of it is not whole
  kUnknown,    ///< neither MP4 nor Matroska
};
std::string_view name_of(FileEnding ending);

/// `read` fills `bytes` from an offset; false: the file ends before.
FileEnding ending_of(std::uint64_t file_size,
                     const std::function<bool(std::uint64_t at, MutableBytes bytes)>& read);

}  // namespace rooms
