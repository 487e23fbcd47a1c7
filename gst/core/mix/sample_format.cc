// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/sample_format.h"

#include <cmath>
#include <cstring>

namespace rooms {
namespace {

constexpr float kSmallest = 0x1p-24F;
constexpr float kLargest = 16;

template <class Sample>
Sample sample_at(Bytes bytes, std::size_t index) {
  Sample sample;
  std::memcpy(&sample, bytes.data() + index * sizeof(Sample), sizeof(Sample));
  return sample;
}

float to_float(std::int16_t sample) { return static_cast<float>(sample) / 32768; }
float to_float(float sample) { return tame(sample); }

template <class Sample>
void convert(Bytes bytes, unsigned from, unsigned to, std::vector<float>& floats) {
  const std::size_t frames = bytes.size() / (sizeof(Sample) * from);
  floats.resize(frames * to);
  if (from == to) {
    for (std::size_t i = 0; i < floats.size(); ++i)
      floats[i] = to_float(sample_at<Sample>(bytes, i));
  } else if (from == 1) {
    for (std::size_t i = 0; i < frames; ++i)
      floats[2 * i] = floats[2 * i + 1] = to_float(sample_at<Sample>(bytes, i));
  } else {
    for (std::size_t i = 0; i < frames; ++i)
      floats[i] = (to_float(sample_at<Sample>(bytes, 2 * i)) +
                   to_float(sample_at<Sample>(bytes, 2 * i + 1))) /
                  2;
  }
}

}  // namespace

float tame(float sample) {
  const float size = std::fabs(sample);
  // Written so that what is no number fails the comparison.
  if (!(size >= kSmallest) || !std::isfinite(size)) return 0;
  return size > kLargest ? std::copysign(kLargest, sample) : sample;
}

std::vector<float> to_floats(Bytes samples, SampleFormat from, unsigned channels,
                             std::vector<float> memory) {
  if (from.type == SampleFormat::Type::kS16) {
    convert<std::int16_t>(samples, from.channels, channels, memory);
  } else {
    convert<float>(samples, from.channels, channels, memory);
  }
  return memory;
}

}  // namespace rooms
