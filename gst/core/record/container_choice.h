// SPDX-License-Identifier: LGPL-2.1-or-later
// Which kind of file holds which codecs without a transcode, and when a file cannot go on.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "gst/core/record/container.h"

namespace rooms {

/// `kAuto`: whatever browsers play of these codecs.
enum class RecordingFormat : std::uint8_t { kAuto, kMp4, kWebm, kMkv };

std::optional<RecordingFormat> recording_format_named(std::string_view name);
std::string_view name_of(RecordingFormat format);
/// Also the extension of file names.
std::string_view name_of(Container container);

/// Mp4: H.264, AV1, VP9, Opus, AAC. WebM: VP8, VP9, AV1, Opus. Mkv: all that rooms carry.
bool fits(Container container, Codec codec);

/// The container asked for if all codecs fit, else one that holds them: a recording in another
/// container is better than none.
Container choose_container(RecordingFormat wanted, std::span<const Codec> codecs);

/// Whether a stream that now is `now` may go on in a file that was begun with `before`. VP8 and VP9
/// tell their size in each keyframe; MP4, and Matroska with H.264 and AV1, describe a stream
/// once.
bool can_go_on(Container container, const StreamSetup& before, const StreamSetup& now);

}  // namespace rooms
