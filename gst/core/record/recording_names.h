// SPDX-License-Identifier: LGPL-2.1-or-later
// Names of recordings and their files, and times in them. Whatever participants call themselves and
// their tracks, a name has no slash, no leading dot and few characters.
#pragma once

#include <string>
#include <string_view>

#include "gst/core/record/container.h"
#include "gst/core/time.h"

namespace rooms {

/// "2026-11-27T23:17:06.042Z" (ISO 8601, UTC) of a time since 1970.
std::string iso_time(Duration since_1970);
/// "20261127-231706": of the folder of a recording. UTC.
std::string folder_time(Duration since_1970);
/// What is left of a text in a file name: letters, digits, '-', '_' and '.', not at the front; at
/// most 64; "track" if that is nothing.
std::string file_word(std::string_view text);
/// "ada.webm"; of the segments behind the first "ada-2.webm".
std::string file_name(std::string_view word, unsigned segment, Container container);

}  // namespace rooms
