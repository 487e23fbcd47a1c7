// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/audio/sound_level.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace rooms {
namespace {

std::vector<float> sine(double amplitude) {
  std::vector<float> samples(960);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        static_cast<float>(amplitude * std::sin(std::numbers::pi * static_cast<double>(i) / 24));
  return samples;
}

TEST(SoundLevel, IsTheRootMeanSquareAgainstOverload) {
  struct Row {
    const char* title;
    double amplitude;
    unsigned level;
  };
  for (const auto& [title, amplitude, level] :
       {Row{"a full sine is 3 dB under overload", 1.0, 3}, Row{"a tenth", 0.1, 23},
        Row{"a thousandth", 0.001, 63}, Row{"silence", 0.0, 127}}) {
    const auto samples = sine(amplitude);
    EXPECT_EQ(sound_level(samples), level) << title;
    std::vector<std::int16_t> whole;
    for (const float sample : samples)
      whole.push_back(static_cast<std::int16_t>(std::lround(sample * 32767)));
    EXPECT_NEAR(sound_level(whole), level, 1) << title;
  }
}

TEST(SoundLevel, OddInputStaysInRange) {
  EXPECT_EQ(sound_level(std::vector<std::int16_t>{}), 127U);
  EXPECT_EQ(sound_level(std::vector<float>{}), 127U);
  EXPECT_EQ(sound_level(std::vector<std::int16_t>(10, std::int16_t{-32768})), 0U);
  EXPECT_EQ(sound_level(std::vector<float>(10, 100.0F)), 0U);
  EXPECT_EQ(sound_level(std::vector<float>(10, std::numeric_limits<float>::quiet_NaN())), 127U);
  EXPECT_EQ(sound_level(std::vector<float>(10, std::numeric_limits<float>::infinity())), 127U);
  EXPECT_EQ(sound_level(std::vector<float>(10, std::numeric_limits<float>::denorm_min())), 127U);
}

}  // namespace
}  // namespace rooms
