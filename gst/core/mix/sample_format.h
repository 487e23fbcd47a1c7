// SPDX-License-Identifier: LGPL-2.1-or-later
// Interleaved raw audio at 48 kHz, as it comes in and as it goes out. Within the mixer samples are
// floats of which full scale is 1: every S16 sample has an exact one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gst/core/bytes.h"

namespace rooms {

inline constexpr std::int64_t kMixRate = 48000;
inline constexpr unsigned kMixMaxChannels = 2;

struct SampleFormat {
  enum class Type : std::uint8_t { kS16, kF32 };
  Type type = Type::kF32;
  unsigned channels = 1;  ///< 1 or 2

  [[nodiscard]] std::size_t sample_size() const {
    return type == Type::kS16 ? sizeof(std::int16_t) : sizeof(float);
  }
  [[nodiscard]] std::size_t frame_size() const { return channels * sample_size(); }
  bool operator==(const SampleFormat&) const = default;
};

/// Samples as the mixer adds them: what is no number, or below -144 dBFS, becomes 0; what is beyond
/// 24 dB above full scale, that. Within these limits sums of doubles are exact, so that a sum minus
/// one input is bit for bit the sum of the others, until they amount to 36 dB above full scale.
float tame(float sample);

/// `from` to frames of `channels` channels: mono goes to both, stereo becomes its mean. A part of a
/// frame at the end is left out. What `memory` held is overwritten.
std::vector<float> to_floats(Bytes samples, SampleFormat from, unsigned channels,
                             std::vector<float> memory = {});

}  // namespace rooms
