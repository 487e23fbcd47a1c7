// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/mix/sample_format.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace rooms {
namespace {

using Type = SampleFormat::Type;

template <class Sample>
std::vector<std::uint8_t> bytes_of(const std::vector<Sample>& samples) {
  std::vector<std::uint8_t> bytes(samples.size() * sizeof(Sample));
  std::memcpy(bytes.data(), samples.data(), bytes.size());
  return bytes;
}

TEST(SampleFormat, EverySixteenBitSampleIsAnExactFloat) {
  std::vector<std::int16_t> all;
  for (int i = -32768; i <= 32767; ++i) all.push_back(static_cast<std::int16_t>(i));
  const auto floats = to_floats(bytes_of(all), {Type::kS16, 1}, 1);
  ASSERT_EQ(floats.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_EQ(floats[i] * 32768, static_cast<float>(all[i]));
}

TEST(SampleFormat, MonoGoesToBothChannelsAndStereoBecomesItsMean) {
  const auto mono = bytes_of(std::vector<float>{0.5F, -0.25F});
  EXPECT_EQ(to_floats(mono, {Type::kF32, 1}, 2), (std::vector<float>{0.5F, 0.5F, -0.25F, -0.25F}));
  const auto stereo = bytes_of(std::vector<std::int16_t>{16384, 8192, -32768, 0});
  EXPECT_EQ(to_floats(stereo, {Type::kS16, 2}, 1), (std::vector<float>{0.375F, -0.5F}));
}

TEST(SampleFormat, APartOfAFrameIsLeftOut) {
  auto bytes = bytes_of(std::vector<std::int16_t>{1, 2, 3, 4, 5});
  EXPECT_EQ(to_floats(bytes, {Type::kS16, 2}, 2).size(), 4U);
  bytes.resize(3);
  EXPECT_TRUE(to_floats(bytes, {Type::kS16, 2}, 2).empty());
  EXPECT_TRUE(to_floats({}, {Type::kF32, 1}, 2).empty());
}

TEST(SampleFormat, WhatIsNoNumberOrFarBeyondFullScaleDoesNotGetIn) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(tame(std::numeric_limits<float>::quiet_NaN()), 0);
  EXPECT_EQ(tame(kInfinity), 0);
  EXPECT_EQ(tame(-kInfinity), 0);
  EXPECT_EQ(tame(1e30F), 16);
  EXPECT_EQ(tame(-17), -16);
  EXPECT_EQ(tame(1e-30F), 0);
  EXPECT_EQ(tame(0x1p-24F), 0x1p-24F);
  EXPECT_EQ(tame(-1.5F), -1.5F);
}

}  // namespace
}  // namespace rooms
