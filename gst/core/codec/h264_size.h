// SPDX-License-Identifier: LGPL-2.1-or-later
// The picture size of an H.264 sequence parameter set (ITU-T H.264 7.3.2.1.1).
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

}  // namespace rooms
