// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/sample_loops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace rooms {
namespace {

using Type = SampleFormat::Type;

template <class Sample>
std::vector<Sample> samples_of(const std::vector<std::uint8_t>& bytes) {
  std::vector<Sample> samples(bytes.size() / sizeof(Sample));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(Sample));
  return samples;
}

std::int16_t rounded(double value) {
  return static_cast<std::int16_t>(std::clamp(std::nearbyint(value * 32768), -32768.0, 32767.0));
}

float saturated(double value) { return static_cast<float>(std::clamp(value, -1.0, 1.0)); }

TEST(SampleLoops, AreWhatOneSampleAfterTheOtherGivesAtEveryLength) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> loud(-3, 3);
  for (std::size_t count = 0; count < 100; ++count) {
    std::vector<double> total(count);
    std::vector<double> expected(count);
    std::vector<float> own(count);
    for (int input = 0; input < 3; ++input) {
      for (auto& sample : own) sample = loud(random);
      add_samples(own, total);
      for (std::size_t i = 0; i < count; ++i) expected[i] += double{own[i]};
    }
    ASSERT_EQ(total, expected);
    std::vector<std::uint8_t> out(count * 4);
    store_samples(total, Type::kF32, out);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(samples_of<float>(out)[i], saturated(total[i]));
    store_without(total, own, Type::kF32, out);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(samples_of<float>(out)[i], saturated(total[i] - double{own[i]}));
    out.resize(count * 2);
    store_samples(total, Type::kS16, out);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(samples_of<std::int16_t>(out)[i], rounded(total[i]));
    store_without(total, own, Type::kS16, out);
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(samples_of<std::int16_t>(out)[i], rounded(total[i] - double{own[i]}));
  }
}

TEST(SampleLoops, RoundToTheNearestAndTiesToEven) {
  const std::vector<double> halves{0.5 / 32768, 1.5 / 32768, -0.5 / 32768, -1.5 / 32768,
                                   1,           -1,          4000,         -4000};
  std::vector<std::uint8_t> out(halves.size() * 2);
  store_samples(halves, Type::kS16, out);
  EXPECT_EQ(samples_of<std::int16_t>(out),
            (std::vector<std::int16_t>{0, 2, 0, -2, 32767, -32768, 32767, -32768}));
}

}  // namespace
}  // namespace rooms
