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
#include "gst/core/time.h"

namespace rooms {

/// Pictures a second of a mix.
constexpr int kMixFrameRate = 25;

/// From RTP to raw sound (48 kHz, mono) or pictures; its pads are unlinked. nullopt: nothing here
/// decodes it.
std::optional<std::string> decoder_line(Codec codec);
/// From raw pictures or sound to RTP as it is inside a room (rtp_profile.h); its encoder is called
/// "encoder". `scaled`: pictures of any size become `size`, by a filter that is called "scaled".
/// nullopt: nothing here encodes it.
std::optional<std::string> encoder_line(Codec codec, Size size, bool scaled = false);
/// Of a picture of that size, for people: bit/s.
std::uint32_t mix_bitrate(Size size);
/// Of a scaled one, where the whole one in size `whole` is to have `wished`; 0: as its size asks
/// for.
std::uint32_t mix_bitrate(Size size, Size whole, std::uint32_t wished);
/// What the filter "scaled" lets through.
std::string scaled_caps(Size size);
/// What comes out of that encoder of sound at a time came in so much earlier. Encoders of Opus tell
/// it themselves, or it is too short to be heard.
Duration encoder_delay(GstElement* encoder);
/// Tells a running encoder.
void set_mix_bitrate(GstElement* encoder, Codec codec, std::uint32_t bitrate);
/// What a mixed picture can be encoded to here, cheapest first.
const std::vector<Codec>& mix_video_codecs();

}  // namespace rooms
