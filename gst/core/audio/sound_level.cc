// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/sound_level.h"

#include <algorithm>
#include <cmath>

#include "gst/core/audio/level_track.h"

namespace rooms {
namespace {

unsigned level_of(double mean_square) {
  if (!(mean_square > 0)) return kSilentLevel;
  const double level = -10 * std::log10(mean_square);
  return static_cast<unsigned>(std::lround(std::clamp(level, 0.0, double{kSilentLevel})));
}

}  // namespace

unsigned sound_level(std::span<const std::int16_t> samples) {
  constexpr double kOverload = 32768;
  double sum = 0;
  for (const double sample : samples) sum += sample * sample;
  return level_of(sum / (static_cast<double>(samples.size()) * kOverload * kOverload));
}

unsigned sound_level(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples)
    if (std::isfinite(sample)) sum += double{sample} * double{sample};
  return level_of(sum / static_cast<double>(samples.size()));
}

}  // namespace rooms
