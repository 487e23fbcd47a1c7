// SPDX-License-Identifier: LGPL-2.1-or-later
// Which elements decode and encode for a mix. Launch lines, so that an element can be replaced by
// another one here and nowhere else.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gst/core/layout/geometry.h"
#include "gst/core/rtp/rtp_profile.h"

namespace rooms {

/// Pictures a second of a mix.
constexpr int kMixFrameRate = 25;

/// From RTP to raw sound (48 kHz, mono) or pictures; its pads are unlinked. nullopt: nothing here
/// decodes it.
std::optional<std::string> decoder_line(Codec codec);
/// From raw pictures or sound to RTP as it is inside a room (rtp_profile.h); its encoder is called
/// "encoder". nullopt: nothing here encodes it.
std::optional<std::string> encoder_line(Codec codec, Size size);
/// Of a picture of that size, for people: bit/s.
std::uint32_t mix_bitrate(Size size);
/// Tells a running encoder.
void set_mix_bitrate(GstElement* encoder, Codec codec, std::uint32_t bitrate);
/// What a mixed picture can be encoded to here, cheapest first.
const std::vector<Codec>& mix_video_codecs();

}  // namespace rooms
