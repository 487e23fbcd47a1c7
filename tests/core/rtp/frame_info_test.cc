// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/frame_info.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rooms {
namespace {

using Payload = std::vector<std::uint8_t>;

struct Row {
  const char* title;
  Codec codec;
  Payload payload;
  bool keyframe;
  bool frame_start;
};

class Keyframes : public testing::TestWithParam<Row> {};

TEST_P(Keyframes, AreFoundWhereADecoderCanBegin) {
  const Row& row = GetParam();
  const auto info = inspect(row.codec, row.payload);
  EXPECT_EQ(info.keyframe, row.keyframe) << row.title;
  EXPECT_EQ(info.frame_start, row.frame_start) << row.title;
}

constexpr auto k8 = Codec::kVp8;
constexpr auto k9 = Codec::kVp9;
constexpr auto k264 = Codec::kH264;
constexpr auto kA = Codec::kAv1;

INSTANTIATE_TEST_SUITE_P(
    Payloads, Keyframes,
    testing::Values(
        Row{"VP8 keyframe, no extension", k8, {0x10, 0x50, 0x01}, true, true},
        Row{"VP8 interframe", k8, {0x10, 0x51, 0x01}, false, true},
        Row{"VP8 keyframe, second packet", k8, {0x00, 0x50, 0x01}, false, false},
        Row{"VP8 keyframe, start of its second partition", k8, {0x11, 0x50}, false, false},
        Row{"VP8 keyframe behind 15-bit id, TL0 and TID",
            k8,
            {0x90, 0xE0, 0x80, 0x05, 0x07, 0x00, 0x50},
            true,
            true},
        Row{"VP8 descriptor only", k8, {0x90, 0x80, 0x01}, false, true},
        Row{"VP8 descriptor cut in the picture id", k8, {0x90, 0x80, 0x81}, false, false},
        Row{"VP9 keyframe", k9, {0x08, 0x00}, true, true},
        Row{"VP9 keyframe, later packet", k9, {0x00, 0x00}, false, false},
        Row{"VP9 predicted", k9, {0x48, 0x00}, false, true},
        Row{"VP9 keyframe with layers, base", k9, {0xA8, 0x80, 0x01, 0x00, 0x05}, true, true},
        Row{"VP9 keyframe, upper spatial layer", k9, {0xA8, 0x80, 0x01, 0x03, 0x05}, false, true},
        Row{"VP9 cut in the picture id", k9, {0x88, 0x80}, false, false},
        Row{"H264 SPS", k264, {0x67, 0x42, 0xE0}, true, true},
        Row{"H264 PPS", k264, {0x68, 0xCE}, false, false},
        Row{"H264 IDR, first slice", k264, {0x65, 0x88}, true, true},
        Row{"H264 IDR, second slice", k264, {0x65, 0x48}, false, false},
        Row{"H264 slice", k264, {0x41, 0x9A}, false, true},
        Row{"H264 STAP-A of SPS and PPS",
            k264,
            {0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xCE},
            true,
            true},
        Row{"H264 STAP-A of AUD and slice",
            k264,
            {0x78, 0, 2, 0x09, 0x30, 0, 2, 0x41, 0x9A},
            false,
            true},
        Row{"H264 STAP-A with a size that lies", k264, {0x78, 0, 9, 0x67, 0x42}, false, false},
        Row{"H264 STAP-B of SPS", k264, {0x79, 0, 1, 0, 2, 0x67, 0x42}, true, true},
        Row{"H264 FU-A, IDR start", k264, {0x7C, 0x85, 0x88}, true, true},
        Row{"H264 FU-A, IDR middle", k264, {0x7C, 0x05, 0x88}, false, false},
        Row{"H264 FU-A, IDR start of second slice", k264, {0x7C, 0x85, 0x48}, false, false},
        Row{"H264 FU-A, slice start", k264, {0x5C, 0x81, 0x9A}, false, true},
        Row{"H264 FU-B, IDR start", k264, {0x7D, 0x85, 0, 1, 0x88}, true, true},
        Row{"AV1 new coded video sequence", kA, {0x18, 0x0A, 0x0B}, true, true},
        Row{"AV1 frame", kA, {0x10, 0x32, 0x00}, false, true},
        Row{"AV1 continued", kA, {0x90, 0x32, 0x00}, false, false},
        Row{"AV1 N and Z contradict each other", kA, {0x98, 0x0A}, false, false}));

TEST(InspectVp8, TellsWhereTheNumbersAre) {
  const auto info = inspect(k8, Payload{0x90, 0xF0, 0x81, 0x23, 0x45, 0xA0, 0x51});
  EXPECT_EQ(info.vp8.picture_id_offset, 2);
  EXPECT_TRUE(info.vp8.picture_id_is_long);
  EXPECT_EQ(info.vp8.picture_id, 0x123);
  EXPECT_EQ(info.vp8.tl0_offset, 4);
  EXPECT_EQ(info.vp8.tl0, 0x45);
  EXPECT_EQ(info.temporal_id, 2);
  EXPECT_TRUE(info.layer_sync);

  const auto narrow = inspect(k8, Payload{0xB0, 0xC0, 0x7F, 0x45, 0x51});
  EXPECT_EQ(narrow.vp8.picture_id, 0x7F);
  EXPECT_FALSE(narrow.vp8.picture_id_is_long);
  EXPECT_EQ(narrow.vp8.tl0_offset, 3);
  EXPECT_TRUE(narrow.discardable);

  const auto no_id = inspect(k8, Payload{0x90, 0x40, 0x45, 0x51});
  EXPECT_FALSE(no_id.vp8.has_picture_id());
  EXPECT_EQ(no_id.vp8.tl0_offset, 2);
}

TEST(InspectVp9, ReadsLayers) {
  const auto info = inspect(k9, Payload{0xAC, 0x05, 0x55, 0x00});  // TID 2, U, SID 2, D
  EXPECT_EQ(info.temporal_id, 2);
  EXPECT_EQ(info.spatial_id, 2);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_TRUE(info.frame_end);
}

TEST(InspectAv1, ReadsLayersOfTheFirstObuThatHasThem) {
  // W=2: an element with a length (a sequence header), then a frame with an extension: temporal 1,
  // spatial 2.
  const auto info = inspect(kA, Payload{0x28, 0x02, 0x08, 0x00, 0x34, 0x30, 0x00});
  EXPECT_EQ(info.temporal_id, 1);
  EXPECT_EQ(info.spatial_id, 2);
  EXPECT_TRUE(info.keyframe);
}

TEST(Inspect, StaysInsideWhateverComes) {
  const unsigned seed = 31337;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    // On the heap and of exact size, so that a sanitizer sees any step outside.
    Payload payload(random() % 24);
    for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
    for (const Codec codec : {k8, k9, k264, kA, Codec::kOpus}) {
      const auto info = inspect(codec, payload);
      if (info.vp8.has_picture_id()) {
        EXPECT_LT(info.vp8.picture_id_offset + (info.vp8.picture_id_is_long ? 1U : 0U),
                  payload.size());
      }
      if (info.vp8.has_tl0()) {
        EXPECT_LT(info.vp8.tl0_offset, payload.size());
      }
    }
  }
}

TEST(Inspect, KnowsNothingOfAudio) {
  EXPECT_FALSE(inspect(Codec::kOpus, Payload{0x10, 0x00}).keyframe);
  EXPECT_FALSE(finds_keyframes(Codec::kOpus));
  EXPECT_TRUE(finds_keyframes(Codec::kAv1));
}

}  // namespace
}  // namespace rooms
