// SPDX-License-Identifier: LGPL-2.1-or-later
// What an H.264 sequence parameter set (ITU-T H.264 7.3.2.1.1) says of pictures: their size, and
// whether they come in another order than they are shown in.
#pragma once

#include <cstdint>
#include <optional>

#include "gst/core/bytes.h"

namespace rooms {

struct PictureSize {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

/// `set`: what follows the NAL header, emulation prevention bytes included. nullopt: cut short, or
/// a size nobody sends.
std::optional<PictureSize> read_h264_size(Bytes set);

/// How many pictures may come before one that is shown before them (E.2.1,
/// max_num_reorder_frames): 0 without B-frames. nullopt: the set does not say.
std::optional<unsigned> read_h264_reordering(Bytes set);
/// Whether the first sequence parameter set of an avcC (ISO/IEC 14496-15 5.3.3.1) says that there
/// are such pictures.
bool avc_record_reorders(Bytes record);

}  // namespace rooms
