// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/depacketizer.h"

#include <gtest/gtest.h>

#include <random>

#include "gst/core/codec/aac.h"

namespace rooms {
namespace {

using Payload = std::vector<std::uint8_t>;
using Payloads = std::vector<Payload>;

// 640x480, constrained baseline, as encoders of browsers write it.
const Payload kSequenceSet = {0x67, 0x42, 0xC0, 0x1F, 0x8C, 0x8D, 0x40,
                              0x50, 0x1E, 0xD0, 0x0F, 0x08, 0x84, 0x6A};
const Payload kPictureSet = {0x68, 0xCE, 0x3C, 0x80};
// A keyframe of VP8 of 320x240.
const Payload kVp8Key = {0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0x00, 0x55};

Payload joined(std::initializer_list<Payload> parts) {
  Payload all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Payload with_length(const Payload& unit) {
  return joined(
      {{static_cast<std::uint8_t>(unit.size() >> 8), static_cast<std::uint8_t>(unit.size())},
       unit});
}

TEST(Depacketizer, TakesTheDescriptorsOffVp8AndReadsTheSizeOfAKeyframe) {
  // X, I with fifteen bits, L, T and K.
  const Payload first = joined({{0x90, 0xF0, 0x81, 0x02, 0x07, 0x20}, kVp8Key});
  const auto frame = depacketize(Codec::kVp8, Payloads{first, {0x00, 0x66, 0x77}});
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->keyframe);
  EXPECT_EQ(frame->setup.width, 320);
  EXPECT_EQ(frame->setup.height, 240);
  EXPECT_EQ(frame->data, joined({kVp8Key, {0x66, 0x77}}));
}

TEST(Depacketizer, KnowsAVp8FrameThatDoesNotRefersToEarlierOnes) {
  const auto frame = depacketize(Codec::kVp8, Payloads{{0x10, 0x01, 0x00, 0x00}});
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->keyframe);
}

TEST(Depacketizer, RefusesAVp8FrameWithoutItsBeginning) {
  EXPECT_FALSE(depacketize(Codec::kVp8, Payloads{{0x00, 0x66, 0x77}}));
}

TEST(Depacketizer, TakesParameterSetsOutOfAnH264KeyframeAndWritesAvcC) {
  const Payload stap = joined({{0x78}, with_length(kSequenceSet), with_length(kPictureSet)});
  const Payloads payloads = {stap, {0x7C, 0x85, 1, 2}, {0x7C, 0x05, 3}, {0x7C, 0x45, 4}};
  const auto frame = depacketize(Codec::kH264, payloads);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->keyframe);
  EXPECT_EQ(frame->data, (Payload{0, 0, 0, 5, 0x65, 1, 2, 3, 4}));
  EXPECT_EQ(frame->setup.width, 640);
  EXPECT_EQ(frame->setup.height, 480);
  const Payload avcc =
      joined({{1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1, 0, 14}, kSequenceSet, {1, 0, 4}, kPictureSet});
  EXPECT_EQ(frame->setup.record, avcc);
}

TEST(Depacketizer, CannotBeginWithAnH264KeyframeThatHasNoParameterSets) {
  const auto frame = depacketize(Codec::kH264, Payloads{{0x65, 0x88, 1}});
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->keyframe);
}

TEST(Depacketizer, TakesTheAccessUnitOfAacAndTellsItsConfiguration) {
  // Sixteen bits of headers: a size of five, index zero.
  const auto frame = depacketize(Codec::kAac, Payloads{{0, 16, 0, 5 << 3, 1, 2, 3, 4, 5}});
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->keyframe);
  EXPECT_EQ(frame->data, (Payload{1, 2, 3, 4, 5}));
  EXPECT_EQ(frame->setup, setup_of_sound(Codec::kAac));
  EXPECT_EQ(frame->setup.sample_rate, 48000U);
  EXPECT_EQ(frame->setup.channels, 1);
  EXPECT_EQ(frame->setup.record, (Payload{0x11, 0x88}));
}

TEST(Depacketizer, RefusesAacThatContradictsItself) {
  const Payload unit = {0, 16, 0, 5 << 3, 1, 2, 3, 4, 5};
  for (std::size_t size = 0; size < unit.size(); ++size)
    EXPECT_FALSE(depacketize(
        Codec::kAac,
        Payloads{Payload(unit.begin(), unit.begin() + static_cast<std::ptrdiff_t>(size))}));
  const Payload two_units = {0, 32, 0, 1 << 3, 0, 1 << 3, 1, 2};
  const Payload later_index = {0, 16, 0, (1 << 3) | 1, 1};
  EXPECT_FALSE(depacketize(Codec::kAac, Payloads{two_units}));
  EXPECT_FALSE(depacketize(Codec::kAac, Payloads{later_index}));
}

TEST(AacConfig, IsWhatTheStandardSays) {
  EXPECT_EQ(aac_config(44100, 2), (Payload{0x12, 0x10}));
  EXPECT_EQ(aac_config(48000, 2), (Payload{0x11, 0x90}));
  EXPECT_EQ(aac_config(8000, 8), (Payload{0x15, 0xB8}));
  // 00010 1111, 24 bits of the rate, 0001, 000.
  EXPECT_EQ(aac_config(47999, 1), (Payload{0x17, 0x80, 0x5D, 0xBF, 0x88}));
}

TEST(Depacketizer, RefusesH264FragmentsThatDoNotFit) {
  EXPECT_FALSE(depacketize(Codec::kH264, Payloads{{0x7C, 0x05, 3}, {0x7C, 0x45, 4}}));
  EXPECT_FALSE(depacketize(Codec::kH264, Payloads{{0x7C, 0x85, 3}}));
}

TEST(Depacketizer, JoinsAv1ObusOverPacketsAndGivesThemSizes) {
  // A sequence header of 64x64 in one element, then a frame over two packets.
  const Payload header = {0x08, 0x00, 0x00, 0x00, 0x02, 0xAF, 0xFF, 0x9F, 0xFF, 0x30, 0x08};
  const Payload first =
      joined({{0x68, static_cast<std::uint8_t>(header.size())}, header, {0x30, 1, 2}});
  const Payload second = {0x90, 3, 4};
  const auto frame = depacketize(Codec::kAv1, Payloads{first, second});
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->keyframe);
  const Payload sized = joined({{0x0A, static_cast<std::uint8_t>(header.size() - 1)},
                                Payload(header.begin() + 1, header.end())});
  EXPECT_EQ(frame->data, joined({sized, {0x32, 4, 1, 2, 3, 4}}));
  EXPECT_EQ(frame->setup.record.size(), 4 + sized.size());
  EXPECT_EQ(frame->setup.record[0], 0x81);
  EXPECT_TRUE(frame->setup.is_video());
}

TEST(Depacketizer, RefusesAv1PacketsThatDoNotContinueEachOther) {
  EXPECT_FALSE(depacketize(Codec::kAv1, Payloads{{0x90, 3, 4}}));
  EXPECT_FALSE(depacketize(Codec::kAv1, Payloads{{0x50, 0x30, 1}, {0x10, 0x30, 2}}));
}

TEST(Depacketizer, ReadsASizeFromAVp9KeyframeAndIndexesSpatialLayers) {
  // frame_marker, profile 0, keyframe, sync code, BT.601 limited range, 640x360.
  const Payload key = {0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xF0, 0x16, 0x70, 0x00};
  const auto one = depacketize(Codec::kVp9, Payloads{joined({{0x8C, 0x11}, key})});
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->keyframe);
  EXPECT_EQ(one->setup.width, 640);
  EXPECT_EQ(one->setup.height, 360);
  EXPECT_EQ(one->data, key);
  // The same with a layer above it that is predicted from it.
  const auto two = depacketize(Codec::kVp9, Payloads{joined({{0xAC, 0x11, 0x00, 0x00}, key}),
                                                     {0xAC, 0x11, 0x03, 0x00, 0x86, 0x01}});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->data.size(), key.size() + 2 + 10);
  EXPECT_EQ(two->data.back(), 0xC0 | (3 << 3) | 1);
}

TEST(Depacketizer, TakesThePrimaryBlockOfRed) {
  const Payload red = {0xEF, 0x00, 0x00, 0x02, 0x6F, 9, 9, 1, 2, 3};
  const auto frame = depacketize(Codec::kRed, Payloads{red});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->data, (Payload{1, 2, 3}));
  EXPECT_EQ(frame->setup.codec, Codec::kOpus);
  EXPECT_FALSE(depacketize(Codec::kRed, Payloads{{0xEF, 0x00, 0x00, 0x20, 0x6F, 9}}));
}

TEST(Depacketizer, NeverReadsPastWhatItIsGiven) {
  const unsigned seed = 7;
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    Payloads payloads(1 + random() % 3);
    for (auto& payload : payloads) {
      payload.resize(random() % 24);
      for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
    }
    for (const auto codec : {Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1, Codec::kRed,
                             Codec::kOpus, Codec::kUnknown}) {
      const auto frame = depacketize(codec, payloads);
      if (frame && frame->keyframe) {
        EXPECT_NE(frame->setup.codec, Codec::kUnknown) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace rooms
