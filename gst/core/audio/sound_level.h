// SPDX-License-Identifier: LGPL-2.1-or-later
// How loud samples are, on the scale of RFC 6464.
#pragma once

#include <cstdint>
#include <span>

namespace rooms {

/// Root mean square against overload, in -dBov: 0 (loudest) .. 127 (digital silence, or no sample).
/// Channels may be interleaved: the mean goes over all samples.
unsigned sound_level(std::span<const std::int16_t> samples);
/// Samples from -1 to 1; louder ones count as 0, what is no number as silence.
unsigned sound_level(std::span<const float> samples);

}  // namespace rooms
